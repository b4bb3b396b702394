-- Staff who forgot their password: an e-mail to write to, and links as guardians have them. Staff
-- whom a provider signs in: known by their subject as the provider writes it.
--
-- * what stands before a provider's subject keeps it apart from logins, which have no colon;
-- * `folded` marks subjects that were kept in lower case: who was disabled stays so, however the
--   provider writes them;
-- * a ticket is an account's or, with account_id 0, of the member of staff `login`.

UPDATE staff_place SET login = 'openid:' || login
WHERE login IN (SELECT login FROM staff WHERE password_hash = '');
UPDATE staff_session SET login = 'openid:' || login
WHERE login IN (SELECT login FROM staff WHERE password_hash = '');

CREATE TABLE staff_with_email (
    login TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('DIRECTOR', 'DEPUTY', 'INSPECTOR', 'ADMINISTRATOR')),
    password_hash TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    provisional_until TIMESTAMP CHECK (provisional_until IS NULL OR password_hash <> ''),
    last_sign_in_at TIMESTAMP,
    email TEXT NOT NULL CHECK (email = '' OR password_hash <> ''),
    folded BOOLEAN NOT NULL
);
INSERT INTO staff_with_email
SELECT CASE WHEN password_hash = '' THEN 'openid:' || login ELSE login END, name, role,
    password_hash, disabled, provisional_until, last_sign_in_at, '', password_hash = ''
FROM staff;
DROP TABLE staff;
ALTER TABLE staff_with_email RENAME TO staff;

CREATE TABLE ticket_of_anybody (
    ticket_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('CHOOSE_PASSWORD', 'ACTIVATE', 'RECOVER')),
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    login TEXT NOT NULL CHECK (login = '' OR account_id = 0)
);
INSERT INTO ticket_of_anybody
SELECT ticket_id, account_id, purpose, expires_at, ended_at, '' FROM ticket;
DROP TABLE ticket;
ALTER TABLE ticket_of_anybody RENAME TO ticket;
