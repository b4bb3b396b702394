// A certified OpenID Connect provider, on this machine, in memory. Its one argument is a JSON
// object (see `openid_provider` in `__init__.py`); its first line of output is its address.
// It ends with whoever has started it.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Console } from 'node:console';

import Provider from 'oidc-provider';

const HOST = '127.0.0.1';
const asked = JSON.parse(process.argv[2]);

globalThis.console = new Console(process.stderr); // the first line of the output is ours
process.stdin.on('end', () => process.exit()).resume();

function page(title, body) {
  return `<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>${title}</title></head>
<body><main><h1>${title}</h1>${body}</main></body></html>`;
}

function signingKey(algorithm) {
  const [kind, options] = algorithm.startsWith('ES')
    ? ['ec', { namedCurve: { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[algorithm] }]
    : ['rsa', { modulusLength: 2048 }];
  const { privateKey } = generateKeyPairSync(kind, options);
  const kid = randomBytes(6).toString('hex');
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig' };
}

function names(users) {
  return [...new Set(Object.values(users).flatMap(Object.keys))];
}

function configuration() {
  const { algorithm } = asked;
  const symmetric = algorithm.startsWith('HS');
  return {
    clients: [{
      client_id: asked.clientId,
      client_secret: asked.clientSecret,
      redirect_uris: [asked.redirectAddress],
      post_logout_redirect_uris: asked.endedAddress ? [asked.endedAddress] : [],
      token_endpoint_auth_method: asked.secretBy,
      id_token_signed_response_alg: algorithm,
      ...(asked.signsUserInfo && { userinfo_signed_response_alg: algorithm }),
    }],
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', algorithm],
      userinfoSigningAlgValues: ['RS256', algorithm],
    },
    jwks: { keys: [signingKey(symmetric ? 'RS256' : algorithm)] },
    clientAuthMethods: [asked.secretBy],
    pkce: { required: () => true, methods: ['S256'] },
    claims: { openid: ['sub'], profile: names(asked.users) },
    conformIdTokenClaims: asked.claimsIn !== 'id_token',
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: {
      devInteractions: { enabled: false },
      jwtUserinfo: { enabled: asked.signsUserInfo },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.body = page('Se déconnecter ?', `${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Se déconnecter</button>`);
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = page('Déconnexion terminée', '');
        },
      },
    },
    findAccount: (ctx, login) => asked.users[login] && {
      accountId: login,
      claims: async () => ({ sub: login, ...asked.users[login] }),
    },
    // Everybody has consented.
    async loadExistingGrant(ctx) {
      const { session, client } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({
        clientId: client.clientId, accountId: session.accountId,
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    renderError(ctx, out) {
      ctx.type = 'html';
      ctx.body = page('Erreur', `<p>${out.error}</p>`);
    },
  };
}

async function form(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function interact(provider, request, response) {
  if (request.method === 'POST') {
    const filled = await form(request);
    const login = filled.get('login');
    if (filled.has('cancel')) {
      await provider.interactionFinished(request, response, { error: 'access_denied' });
      return;
    }
    if (asked.users[login]) {
      await provider.interactionFinished(request, response, { login: { accountId: login } });
      return;
    }
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(page("Service d'identité", `<form method="post">
<label>Identifiant <input name="login" autocomplete="username"></label>
<button>S'identifier</button> <button name="cancel" value="1">Annuler</button></form>`));
}

const server = createServer();
server.listen(asked.port, HOST, () => {
  const issuer = `http://${HOST}:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  provider.on('server_error', (ctx, error) => console.error(error));
  const others = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) {
      others(request, response);
      return;
    }
    interact(provider, request, response).catch((error) => {
      console.error(error);
      response.writeHead(400).end(page('Erreur', ''));
    });
  });
  process.stdout.write(`${issuer}\n`);
});
