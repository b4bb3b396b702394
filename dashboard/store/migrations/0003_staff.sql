-- The staff who sign in, the places each may see, and their sessions.
--
-- * a session is known by the hash of its token, which only the browser has;
-- * role and places of those whom a provider signs in are what it said last.

CREATE TABLE staff (
    login TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('DIRECTOR', 'DEPUTY', 'INSPECTOR', 'ADMINISTRATOR')),
    password_hash TEXT NOT NULL,
    disabled BOOLEAN NOT NULL
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
