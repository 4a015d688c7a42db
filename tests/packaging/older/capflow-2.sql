-- What a program of user_version 2 leaves in capflow.db of the demo profile: an alert that stands, and one long over.
-- A record, not a description of today's tables: it stays as it is when the tables change.
CREATE TABLE alert_record (
        id TEXT PRIMARY KEY, rule_id TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL,
        session TEXT NOT NULL, cannot_judge INTEGER NOT NULL, ordinal INTEGER NOT NULL,
        scope TEXT NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL, line_time INTEGER NOT NULL, value REAL,
        threshold REAL NOT NULL, raised_at REAL NOT NULL, late INTEGER NOT NULL, escalations INTEGER NOT NULL,
        told INTEGER NOT NULL, seen INTEGER NOT NULL, cleared_at REAL, reason TEXT, revision INTEGER NOT NULL,
        UNIQUE (rule_id, version, source, symbol, session, cannot_judge, ordinal)
    );
INSERT INTO "alert_record" VALUES('8b2f72e0854eb08d9d01','default','3690d5a913682241','opend','9988.HK','2022-06-07',0,1654569060,'*','net <= -50M','cleared',1654569060,-61250000.0,-50000000.0,1654569125.25,0,2,3,3,1654570800.0,NULL,0);
INSERT INTO "alert_record" VALUES('49727dfd429f374dc593','rule:1bd27e8eb069b92b','1bd27e8eb069b92b','opend','700.HK','2022-06-08',0,1654651980,'700.HK','net >= 20M','active',1654651980,57157940.0,20000000.0,1654656445.015,1,0,1,0,NULL,NULL,0);
CREATE TABLE alert_state (
        rule_id TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL,
        session TEXT NOT NULL, upto INTEGER NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (source, symbol, session, rule_id, version)
    ) WITHOUT ROWID;
INSERT INTO "alert_state" VALUES('rule:1bd27e8eb069b92b','1bd27e8eb069b92b','opend','700.HK','2022-06-08',1654656360,'{"upto": 1654656360,
    "active": true, "time": 1654651980, "value": 57157940.0, "steps": 0, "run": 1, "run_index": 76, "fired": 1,
    "fired_index": 3, "side": 0, "pending": 0}');
CREATE TABLE counter (revision INTEGER NOT NULL);
INSERT INTO "counter" VALUES(0);
CREATE TABLE profile (simulated INTEGER NOT NULL);
INSERT INTO "profile" VALUES(1);
CREATE INDEX alert_record_by_time ON alert_record (raised_at);
CREATE INDEX alert_record_by_revision ON alert_record (revision);
PRAGMA user_version = 2;
PRAGMA journal_mode = WAL;
