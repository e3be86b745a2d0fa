//! The rules of `migrations/README.md`, held against every migration there is.

use super::*;

/// Tables that were made before there were rules. This list only shrinks.
const EXCEPTIONS: &[&str] = &[
    "clock",
    "iam_access_key",
    "iam_group",
    "iam_instance_profile",
    "iam_last_used",
    "iam_policy",
    "iam_role",
    "iam_user",
    "installation_keys",
    "metadata_source",
];

const FAULTS: &str = "
    SELECT name || ': is not STRICT' FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT strict
    UNION ALL
    SELECT t.name || ': is WITHOUT ROWID' FROM pragma_table_list t
        WHERE t.schema = 'main' AND t.wr AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'doc')
    UNION ALL
    SELECT t.name || ': a foreign key acts by itself' FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
        WHERE t.type = 'table' AND f.on_delete || f.on_update <> 'NO ACTIONNO ACTION'
    UNION ALL
    SELECT t.name || ': column ' || f.\"from\" || ' of a foreign key is not at its place in any index'
        FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
        WHERE t.type = 'table' AND NOT EXISTS (
            SELECT 1 FROM pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c WHERE c.seqno = f.seq AND c.name = f.\"from\")
    UNION ALL
    SELECT name || ': is a trigger' FROM sqlite_schema WHERE type = 'trigger'";

async fn faults(migrations: &[Migration]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fs::write(&path, "").unwrap();
    let mut connection = migrate::connect(&path, &connect_options(&path, Durability::Full)).await.unwrap();
    migrate::migrate(&mut connection, &path, &Schema::new(), migrations).await.unwrap();
    connection.close().await.unwrap();
    let mut faults = by_hand(&path, FAULTS).await;
    for migration in migrations {
        if migration.sql.matches("REFERENCES").count() != migration.sql.matches("DEFERRABLE INITIALLY DEFERRED").count()
        {
            faults.push(format!("{}: a foreign key is not deferred", migration.name));
        }
    }
    faults
}

#[tokio::test]
async fn migrations_keep_the_rules() {
    let mut faults = faults(migrate::MIGRATIONS).await;
    faults.retain(|fault| !EXCEPTIONS.contains(&fault.split(':').next().unwrap_or_default()));
    assert_eq!(faults, [""; 0]);
}

#[tokio::test]
async fn broken_rules_are_found() {
    const BAD: Migration = Migration {
        name: "9002_bad",
        sql: "CREATE TABLE a (id TEXT PRIMARY KEY, doc TEXT) STRICT, WITHOUT ROWID; CREATE TABLE b (id TEXT);
              CREATE TABLE c (x TEXT REFERENCES a (id) ON DELETE CASCADE) STRICT;
              CREATE TRIGGER d AFTER DELETE ON b BEGIN DELETE FROM c; END",
    };
    let expected = [
        "b: is not STRICT",
        "a: is WITHOUT ROWID",
        "c: a foreign key acts by itself",
        "c: column x of a foreign key is not at its place in any index",
        "d: is a trigger",
        "9002_bad: a foreign key is not deferred",
    ];
    assert_eq!(faults(&[META, THINGS, BAD]).await, expected);
}
