-- What 0.1.0 (user_version 1) left in capflow.db of the demo profile: an alert that stands, and one long over.
-- A record, not a description of today's tables: it stays as it is when the tables change.
CREATE TABLE profile (simulated INTEGER NOT NULL);
CREATE TABLE counter (next_id INTEGER NOT NULL);
CREATE TABLE alert_state (
    rule TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL, session TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (source, symbol, session, rule)
) WITHOUT ROWID;
CREATE TABLE alert_record (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, symbol TEXT NOT NULL, session TEXT NOT NULL,
    scope TEXT NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL, line_time INTEGER NOT NULL, value REAL,
    threshold REAL NOT NULL, raised_at REAL NOT NULL, late INTEGER NOT NULL, escalations INTEGER NOT NULL,
    cleared_at REAL, reason TEXT NOT NULL, blocked INTEGER NOT NULL
);
CREATE INDEX alert_record_by_time ON alert_record (source, raised_at);
INSERT INTO profile VALUES (1);
INSERT INTO counter VALUES (42);
INSERT INTO alert_record VALUES (40, 'opend', '9988.HK', '2022-06-07', '*', 'net <= -50M', 'cleared', 1654569060,
    -61250000.0, -50000000.0, 1654569125.25, 0, 2, 1654570800.0, '', 0);
INSERT INTO alert_record VALUES (41, 'opend', '700.HK', '2022-06-08', '700.HK', 'net >= 20M', 'active', 1654651980,
    57157940.0, 20000000.0, 1654656445.015, 1, 0, NULL, '', 0);
INSERT INTO alert_state VALUES ('700.HK: net >= 20M', 'opend', '700.HK', '2022-06-08', '{"upto": 1654656360,
    "active": true, "time": 1654651980, "value": 57157940.0, "steps": 0, "run": 1, "run_index": 76, "fired": 1,
    "fired_index": 3, "side": 0, "pending": 0}');
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
