-- Staff whom administrators manage: provisional passwords, the last sign-in, and who did what.
--
-- * provisional_until is set while a password is one that an administrator handed out;
-- * what administrators write, they write one after the other (staff_version), so that two cannot
--   disable each other at the same moment;
-- * the journal of staff holds no secret.

CREATE TABLE staff_managed (
    login TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('DIRECTOR', 'DEPUTY', 'INSPECTOR', 'ADMINISTRATOR')),
    password_hash TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    provisional_until TIMESTAMP CHECK (provisional_until IS NULL OR password_hash <> ''),
    last_sign_in_at TIMESTAMP
);
INSERT INTO staff_managed
SELECT login, name, role, password_hash, disabled, NULL,
    (SELECT max(started_at) FROM staff_session WHERE staff_session.login = staff.login)
FROM staff;
DROP TABLE staff;
ALTER TABLE staff_managed RENAME TO staff;

CREATE TABLE staff_version (version BIGINT NOT NULL);
INSERT INTO staff_version VALUES (1);

CREATE TABLE staff_journal (
    entry_id BIGINT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    login TEXT NOT NULL,
    detail TEXT NOT NULL
);
