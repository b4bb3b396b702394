-- The tables of a new database, as all the migrations leave them: what a migration changes is
-- changed here too, and a test compares. The migrations say what holds in each.

CREATE TABLE migration (number INTEGER NOT NULL);

CREATE TABLE numbering (identifier_base BIGINT NOT NULL);
INSERT INTO numbering SELECT CAST(floor(random() * 1099511627776) AS BIGINT);

CREATE TABLE publication (secret TEXT NOT NULL);
INSERT INTO publication
SELECT CAST(gen_random_uuid() AS TEXT) || CAST(gen_random_uuid() AS TEXT);

-- Schools, students, accounts

CREATE TABLE school (
    uai TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    district TEXT NOT NULL,
    department TEXT NOT NULL,
    academy TEXT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL DEFAULT '' CHECK (kind IN ('', 'NURSERY', 'ELEMENTARY', 'PRIMARY')),
    sector TEXT NOT NULL DEFAULT '' CHECK (sector IN ('', 'PUBLIC', 'PRIVATE')),
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    listed BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE SEQUENCE student_number START 1;
CREATE TABLE student (
    student_id BIGINT PRIMARY KEY,
    uai TEXT NOT NULL,
    birth_name TEXT NOT NULL,
    usage_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    born_on DATE,
    ine TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN (
        '', 'TPS', 'PS', 'MS', 'GS', 'CP', 'CE1', 'CE2', 'CM1', 'CM2', 'ULIS', 'UPE2A')),
    class TEXT NOT NULL,
    left_on DATE
);

CREATE TABLE second_class (
    student_id BIGINT NOT NULL,
    uai TEXT NOT NULL,
    class TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN (
        '', 'TPS', 'PS', 'MS', 'GS', 'CP', 'CE1', 'CE2', 'CM1', 'CM2', 'ULIS', 'UPE2A')),
    left_on DATE
);

CREATE SEQUENCE account_number START 1;
CREATE TABLE account (
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

CREATE TABLE link (
    account_id BIGINT NOT NULL,
    student_id BIGINT NOT NULL,
    uai TEXT NOT NULL,
    class TEXT NOT NULL,
    level TEXT NOT NULL,
    left_on DATE
);

CREATE TABLE stated_child (
    child_id BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    uai TEXT NOT NULL,
    birth_name TEXT NOT NULL,
    usage_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    born_on DATE,
    class TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('NONE', 'ABSENT', 'SEVERAL')),
    student_id BIGINT,
    opened BOOLEAN NOT NULL,
    settled_on DATE CHECK (student_id IS NOT NULL OR settled_on IS NULL)
);

-- What happens to accounts

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
    ended_at TIMESTAMP,
    login TEXT NOT NULL CHECK (login = '' OR account_id = 0)
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

-- The staff

CREATE TABLE staff (
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

CREATE TABLE staff_place (
    login TEXT NOT NULL,
    area TEXT NOT NULL CHECK (area IN ('uai', 'district', 'department', 'academy', 'nation')),
    place TEXT NOT NULL
);

CREATE TABLE staff_session (
    session_key TEXT NOT NULL,
    login TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);

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

-- What schools counted

CREATE TABLE tally (
    uai TEXT NOT NULL,
    day DATE NOT NULL,
    not_notified INTEGER NOT NULL,
    notified INTEGER NOT NULL,
    activating INTEGER NOT NULL,
    activated INTEGER NOT NULL
);

CREATE TABLE tally_bundle (
    uai TEXT NOT NULL,
    day DATE NOT NULL,
    bundle TEXT NOT NULL
);
