-- What a program of user_version 4 leaves in capflow.db of the demo profile: an alert that stands, was sent and acknowledged and is snoozed, and one long over.
-- A record, not a description of today's tables: it stays as it is when the tables change.
CREATE TABLE alert_record (
        id TEXT PRIMARY KEY, rule_id TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL, symbol TEXT NOT NULL,
        session TEXT NOT NULL, cannot_judge INTEGER NOT NULL, ordinal INTEGER NOT NULL,
        scope TEXT NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL, line_time INTEGER NOT NULL, value REAL,
        threshold REAL NOT NULL, raised_at REAL NOT NULL, late INTEGER NOT NULL, escalations INTEGER NOT NULL,
        told INTEGER NOT NULL, seen INTEGER NOT NULL, cleared_at REAL, reason TEXT, revision INTEGER NOT NULL, snoozed_until REAL, snoozes INTEGER NOT NULL DEFAULT 0,
        UNIQUE (rule_id, version, source, symbol, session, cannot_judge, ordinal)
    );
INSERT INTO "alert_record" VALUES('8b2f72e0854eb08d9d01','default','3690d5a913682241','opend','9988.HK','2022-06-07',0,1654569060,'*','net <= -50M','cleared',1654569060,-61250000.0,-50000000.0,1654569125.25,0,2,3,3,1654570800.0,NULL,0,NULL,0);
INSERT INTO "alert_record" VALUES('49727dfd429f374dc593','rule:1bd27e8eb069b92b','1bd27e8eb069b92b','opend','700.HK','2022-06-08',0,1654651980,'700.HK','net >= 20M','active',1654651980,57157940.0,20000000.0,1654656445.015,1,0,1,1,NULL,NULL,0,1654660000.0,1);
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
CREATE TABLE outbox (
        event TEXT NOT NULL, channel TEXT NOT NULL, record TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL,
        next_at REAL NOT NULL, created REAL NOT NULL, done_at REAL, receipt TEXT, reason TEXT, message TEXT NOT NULL,
        PRIMARY KEY (event, channel)
    ) WITHOUT ROWID;
INSERT INTO "outbox" VALUES('49727dfd429f374dc593-1','phone','49727dfd429f374dc593','sent',1,0.0,1654656445.5,1654656446.0,'4711',NULL,'{}');
CREATE TABLE profile (simulated INTEGER NOT NULL);
INSERT INTO "profile" VALUES(1);
CREATE INDEX alert_record_by_time ON alert_record (raised_at);
CREATE INDEX alert_record_by_revision ON alert_record (revision);
CREATE INDEX outbox_by_time ON outbox (channel, created);
CREATE INDEX outbox_by_record ON outbox (record);
CREATE INDEX outbox_open ON outbox (channel) WHERE done_at IS NULL;
PRAGMA user_version = 4;
PRAGMA journal_mode = WAL;
