-- Passwords, the journal, the links that messages carry, the messages themselves, and failed
-- sign-ins.
--
-- * a password is a hash or empty; the journal holds no secret and no address;
-- * every state of every account is the last one its journal says, as far as the journal is kept;
-- * a ticket is the single use of a link: open while ended_at IS NULL;
-- * what has ended is trimmed by age (housekeeping); accounts, links and students never are.

CREATE TABLE account_with_password (
    account_id BIGINT PRIMARY KEY,
    identifier TEXT NOT NULL,
    civility TEXT NOT NULL CHECK (civility IN ('', 'M.', 'Mme')),
    birth_name TEXT NOT NULL,
    usage_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email TEXT NOT NULL,
    mobile TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('SCHOOL', 'SELF_REGISTERED', 'FRANCECONNECT')),
    state TEXT NOT NULL CHECK (state IN ('NOT_NOTIFIED', 'NOTIFIED', 'ACTIVATING', 'ACTIVATED')),
    distributed_on DATE CHECK (distributed_on IS NULL OR state <> 'NOT_NOTIFIED'),
    last_access_on DATE,
    version BIGINT NOT NULL,
    password TEXT NOT NULL CHECK (password IN ('NONE', 'PROVISIONAL', 'CHOSEN')),
    password_hash TEXT NOT NULL CHECK (password_hash = '' OR password <> 'NONE')
);
INSERT INTO account_with_password
SELECT account_id, identifier, civility, birth_name, usage_name, first_name, name_key, email, mobile,
    origin, state, distributed_on, last_access_on, version,
    CASE WHEN origin = 'FRANCECONNECT' OR state = 'NOT_NOTIFIED' THEN 'NONE'
        WHEN state = 'NOTIFIED' THEN 'PROVISIONAL' ELSE 'CHOSEN' END, ''
FROM account;
DROP TABLE account;
ALTER TABLE account_with_password RENAME TO account;

CREATE SEQUENCE journal_number START 1;
CREATE TABLE journal (
    entry_id BIGINT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason = '' OR from_state = to_state)
);

CREATE SEQUENCE ticket_number START 1;
CREATE TABLE ticket (
    ticket_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('CHOOSE_PASSWORD', 'ACTIVATE', 'RECOVER')),
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);

CREATE SEQUENCE message_number START 1;
CREATE TABLE message (
    message_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('NOTIFICATION', 'ACTIVATION', 'RECOVERY', 'REMINDER')),
    recipient TEXT NOT NULL,
    ticket_id BIGINT,
    status TEXT NOT NULL CHECK (status IN ('QUEUED', 'SENDING', 'SENT', 'FAILED')),
    attempts INTEGER NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    answer TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE sign_in_failure (subject TEXT NOT NULL, failed_at TIMESTAMP NOT NULL);
