//! Opening a file: who may, which files, and what becomes of old ones.

use super::*;

#[tokio::test]
async fn the_file_is_private_and_used_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let store = open(&path).await;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
    let expected =
        "`PATH` is in use by another server (it holds `PATH.lock`); stop it, or start with another state file";
    assert_eq!(refusal(&path, schema(), MIGRATIONS).await, expected);
    let link = folder.path().join("link.db");
    symlink(&path, &link).unwrap();
    assert!(matches!(open_with(&link, schema(), MIGRATIONS).await, Err(OpenError::InUse { .. })));
    store.close().await.unwrap();
    open(&link).await.close().await.unwrap();
}

#[tokio::test]
async fn other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text");
    fs::write(
        &path,
        "certainly no database, but long enough to have a header of one hundred bytes, which is what is read first",
    )
    .unwrap();
    assert_eq!(
        refusal(&path, schema(), MIGRATIONS).await,
        "`PATH` is not a state file of rolecall: it is no SQLite file"
    );

    let path = folder.path().join("other.db");
    fs::write(&path, "").unwrap();
    by_hand(&path, "CREATE TABLE x (y)").await;
    assert_eq!(
        refusal(&path, schema(), MIGRATIONS).await,
        "`PATH` is not a state file of rolecall: it is a SQLite file of something else"
    );

    let path = folder.path().join("folder");
    fs::create_dir(&path).unwrap();
    assert!(refusal(&path, schema(), MIGRATIONS).await.starts_with("cannot use `PATH`: "));
}

#[tokio::test]
async fn files_of_newer_versions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    open(&path).await.close().await.unwrap();
    let expected = "`PATH` was written by a newer rolecall (it has migration `9000_things`); use that version, or another state file";
    assert_eq!(refusal(&path, Schema::new(), &[META]).await, expected);
    by_hand(&path, "UPDATE meta SET value = '2' WHERE name = 'format'").await;
    let expected = "`PATH` was written by a newer rolecall (it has format 2); use that version, or another state file";
    assert_eq!(refusal(&path, schema(), MIGRATIONS).await, expected);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing() {
    const BROKEN: Migration = Migration { name: "9001_broken", sql: "CREATE TABLE fine (x) STRICT; CREATE NONSENSE" };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    assert!(refusal(&path, schema(), &[META, THINGS, BROKEN]).await.starts_with("migration `9001_broken` failed: "));
    assert_eq!(by_hand(&path, "SELECT name FROM sqlite_schema").await, [""; 0]);
    open(&path).await.close().await.unwrap();
}

#[derive(Serialize, Deserialize)]
struct Misfit;

impl Record for Misfit {
    const TABLE: TableDef = TableDef::own("thing", &["id", "shelf"], &["owner"]);

    fn key(&self) -> Key {
        Key::new(&["a", "b"])
    }
}

#[tokio::test]
async fn tables_unlike_their_records_are_met_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let expected =
        r#"table `thing` is not as its record declares it: its primary key is ("shelf", "id"), not ("id", "shelf")"#;
    assert_eq!(refusal(&path, Schema::new().with::<Misfit>(), MIGRATIONS).await, expected);
    let path = folder.path().join("other.db");
    assert_eq!(
        refusal(&path, schema(), &[META]).await,
        "table `owner` is not as its record declares it: no migration makes it"
    );
}

/// An owner whose shape has changed twice.
#[derive(Serialize, Deserialize)]
struct NewOwner {
    id: String,
    number: u32,
}

impl Record for NewOwner {
    const TABLE: TableDef = Owner::TABLE;
    const VERSION: u32 = 3;

    fn key(&self) -> Key {
        Key::new(&[&self.id])
    }

    fn upgrade(version: u32, mut document: Value) -> Result<Value, UpgradeError> {
        match version {
            1 => document["number"] = json!("7"),
            2 => {
                let number = document["number"].as_str().and_then(|number| number.parse::<u32>().ok());
                document["number"] = json!(number.ok_or(UpgradeError("no number".to_owned()))?);
            }
            _ => return Err(UpgradeError(format!("version {version}?"))),
        }
        Ok(document)
    }
}

#[tokio::test]
async fn old_documents_are_upgraded_and_unreadable_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).await;
    store.write(at(0), doing(|tx| tx.put(owner("o")))).await.unwrap();
    store.close().await.unwrap();
    by_hand(&path, r#"INSERT INTO owner VALUES ('p', 2, '{"id":"p","number":"9"}')"#).await;
    let new = || Schema::new().with::<NewOwner>();
    let store = open_with(&path, new(), MIGRATIONS).await.unwrap();
    let world = store.snapshot(at(0)).await;
    assert_eq!(world.scan::<NewOwner>(&[]).map(|owner| owner.number).collect::<Vec<_>>(), [7, 9]);
    store.close().await.unwrap();

    by_hand(&path, r#"UPDATE owner SET doc = '{"id":"p","number":"many"}' WHERE id = 'p'"#).await;
    let expected =
        r#"cannot read a row of `owner`: no number (in the document that begins with `{"id":"p","number":"many"}`)"#;
    assert_eq!(refusal(&path, new(), MIGRATIONS).await, expected);
    by_hand(&path, "UPDATE owner SET version = 9 WHERE id = 'p'").await;
    let expected = "cannot read a row of `owner`: a newer rolecall wrote it (version 9, known is 3)";
    assert_eq!(refusal(&path, new(), MIGRATIONS).await, expected);
}
