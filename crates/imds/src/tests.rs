//! The service's rules through `respond`, on an instance that was really launched.

use ec2::instance::Instance;
use ec2::network::interface::hostname::HostnameType;
use ec2::network::interface::{self, NetworkInterface};
use service::keys::InstallationKeys;
use service::{Cx, Tx, World};

use super::*;

/// A running instance in its default network, with what else the tests need.
struct Scene {
    cx: Cx,
    tx: Tx,
    instance: String,
}

fn scene() -> Scene {
    let cx = service::cx::testing::root_cx();
    let schema = storage::Schema::new().with::<InstallationKeys>().with::<IdentityKeys>();
    let mut tx = Tx::on(World::empty(ec2::schema(iam::schema(schema)), cx.now));
    tx.put(InstallationKeys::from_random(&[[1; 32], [2; 32], [3; 32], [4; 32], [5; 32]]));
    ec2::settle(&cx, &mut tx).unwrap();
    launch(&cx, &mut tx);
    let instance = ec2::instance::all(&tx).next().unwrap().id.clone();
    Scene { cx, tx, instance }
}

/// Launches through the operation itself.
fn launch(cx: &Cx, tx: &mut Tx) {
    let image = &ec2::catalogue::images::images(cx.region_name())[0].image_id;
    let kind = if image_is_arm(cx, image) { "t4g.micro" } else { "t3.micro" };
    let form = format!("ImageId={image}&InstanceType={kind}&MinCount=1&MaxCount=1");
    let model = wire::model(service::Service::Ec2);
    let operation = model.operation("RunInstances").unwrap();
    let value = wire::decode(model, operation, &wire::Params::parse(None, form.as_bytes()).unwrap()).unwrap();
    let row = ec2::operations().into_iter().find(|row| row.name == "RunInstances").unwrap();
    let input = row.input(model, operation, &value).unwrap();
    match row.handler(&input) {
        service::operation::Run::Write(handler) => drop(handler(cx, tx, &input).map_err(|error| panic!("{error}"))),
        service::operation::Run::Read(_) => panic!("RunInstances writes"),
    }
}

fn image_is_arm(cx: &Cx, id: &str) -> bool {
    ec2::catalogue::images::by_id(cx.region_name(), id).is_some_and(|image| image.architecture == "arm64")
}

impl Scene {
    fn instance(&self) -> std::sync::Arc<Instance> {
        ec2::instance::by_id_anywhere(&self.tx, &self.instance).unwrap()
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let request = Request { method, path, headers, hops: 1 };
        respond(&self.cx, &self.tx, &self.instance(), &request).unwrap()
    }

    fn token(&self, seconds: &str) -> Response {
        self.ask("PUT", TOKEN_PATH, &[(token::TTL_HEADER, seconds)])
    }

    fn get(&self, path: &str) -> (u16, String) {
        let token = String::from_utf8(self.token("60").body).unwrap();
        let answer = self.ask("GET", path, &[("x-aws-ec2-metadata-token", &token)]);
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    }

    fn change(&mut self, change: impl FnOnce(&mut Instance)) {
        let held = self.instance();
        self.tx.update::<Instance>(&[held.account.as_str(), &held.region, &held.id], change);
    }
}

#[test]
fn lifetimes_of_tokens() {
    let scene = scene();
    for (seconds, status) in
        [("1", 200), ("21600", 200), ("0", 200), ("21601", 400), ("-1", 400), ("", 400), ("1.5", 400), ("x", 400)]
    {
        assert_eq!(scene.token(seconds).status, status, "{seconds}");
    }
    assert_eq!(scene.ask("PUT", TOKEN_PATH, &[]).status, 400);
    assert!(scene.token("77").headers.contains(&(token::TTL_HEADER, "77".to_owned())));
    let refused = scene.token("x");
    assert_eq!((refused.headers[0].1.as_str(), refused.body.len()), ("text/plain", 0));
    let spent = String::from_utf8(scene.token("0").body).unwrap();
    assert_eq!(scene.ask("GET", "/latest/meta-data/", &[(token::HEADER, &spent)]).status, 401);
    let forwarded = scene.ask("PUT", TOKEN_PATH, &[(token::TTL_HEADER, "60"), ("X-Forwarded-For", "1.2.3.4")]);
    assert_eq!(forwarded.status, 403);
}

#[test]
fn methods_and_paths_of_the_token() {
    let scene = scene();
    let answer = scene.ask("GET", TOKEN_PATH, &[]);
    assert_eq!((answer.status, answer.headers[0].clone()), (405, ("Allow", "OPTIONS, PUT".to_owned())));
    assert_eq!(scene.ask("OPTIONS", TOKEN_PATH, &[]).status, 200);
    let token = String::from_utf8(scene.token("60").body).unwrap();
    let with_token = [(token::HEADER, token.as_str()), (token::TTL_HEADER, "60")];
    for (method, path, status) in [
        ("PUT", "/2021-03-23/api/token", 403),
        ("POST", "/latest/meta-data/", 403),
        ("OPTIONS", "/latest/meta-data/", 200),
    ] {
        let answer = scene.ask(method, path, &with_token);
        assert_eq!((answer.status, answer.body.len()), (status, 0), "{method} {path}");
        assert!(answer.headers.contains(&(token::TTL_HEADER, "60".to_owned())));
        assert_eq!(answer.headers.contains(&("Allow", "OPTIONS, GET, HEAD".to_owned())), status == 200);
    }
}

#[test]
fn a_token_is_good_for_its_instance_its_time_and_its_run() {
    let mut scene = scene();
    scene.change(|instance| instance.metadata.http_tokens = Tokens::Optional);
    let token = String::from_utf8(scene.token("60").body).unwrap();
    let with = |scene: &Scene, token: &str| {
        scene.ask("GET", "/latest/meta-data/instance-id", &[("x-aws-ec2-metadata-token", token)]).status
    };
    assert_eq!(with(&scene, &token), 200);
    assert_eq!(with(&scene, "made-up"), 401, "refused although none is needed");
    assert_eq!(scene.ask("GET", "/latest/meta-data/instance-id", &[]).status, 200);
    scene.change(|instance| instance.metadata.http_tokens = Tokens::Required);
    assert_eq!(scene.ask("GET", "/latest/meta-data/instance-id", &[]).status, 401);
    let later = Cx { now: scene.cx.now + jiff::SignedDuration::from_secs(61), ..scene.cx.clone() };
    let request =
        Request { method: "GET", path: "/latest/", headers: &[("x-aws-ec2-metadata-token", &token)], hops: 1 };
    assert_eq!(respond(&later, &scene.tx, &scene.instance(), &request).unwrap().status, 401, "after its time");
    scene.change(|instance| instance.started_at += jiff::SignedDuration::from_secs(1));
    assert_eq!(with(&scene, &token), 401, "after a stop and start");
}

#[test]
fn the_hop_limit_stops_the_tokens_answer_only() {
    let mut scene = scene();
    scene.change(|instance| instance.metadata.hop_limit = 1);
    let far = |method, path, headers| Request { method, path, headers, hops: 2 };
    let ask: &[(&str, &str)] = &[(token::TTL_HEADER, "60")];
    assert_eq!(respond(&scene.cx, &scene.tx, &scene.instance(), &far("PUT", TOKEN_PATH, ask)), None);
    scene.change(|instance| instance.metadata.hop_limit = 2);
    assert!(respond(&scene.cx, &scene.tx, &scene.instance(), &far("PUT", TOKEN_PATH, ask)).is_some());
}

#[test]
fn switched_off_it_answers_403_to_everything() {
    let mut scene = scene();
    scene.change(|instance| instance.metadata.http_endpoint = false);
    for (method, path) in [("GET", "/"), ("GET", "/latest/meta-data/"), ("PUT", TOKEN_PATH)] {
        assert_eq!(scene.ask(method, path, &[(token::TTL_HEADER, "60")]).status, 403);
    }
}

#[test]
fn listings_and_values() {
    let scene = scene();
    let instance = scene.instance();
    let (_, versions) = scene.get("/");
    assert!(versions.starts_with("1.0\n2007-01-19\n") && versions.ends_with("\nlatest"));
    assert_eq!(scene.get("/latest/meta-data/instance-id"), (200, instance.id.clone()));
    assert_eq!(
        scene.get("/latest/meta-data/instance-id/"),
        (200, instance.id.clone()),
        "a trailing slash makes no difference"
    );
    assert_eq!(scene.get("/latest/meta-data/placement/availability-zone/").1, instance.placement.zone);
    let (_, listing) = scene.get("/latest/meta-data");
    let lines: Vec<&str> = listing.lines().collect();
    assert!(
        lines.contains(&"placement/")
            && lines.contains(&"ami-id")
            && !lines.contains(&"iam/")
            && !listing.ends_with('\n')
    );
    assert!(lines.is_sorted(), "{listing}");
    for path in [
        "/latest/meta-data/nothing",
        "/latest/meta-data/iam/info",
        "/latest/user-data",
        "/2030-01-01/meta-data/",
        "/latest/meta-data/tags/",
    ] {
        assert_eq!(scene.get(path).0, 404, "{path}");
    }
}

#[test]
fn a_public_name_goes_with_a_public_address() {
    let mut scene = scene();
    assert_eq!(scene.get("/latest/meta-data/public-hostname").0, 200);
    let held = scene.instance();
    let interface = interface::of_instance(&scene.tx, held.account, &held.region, &held.id).remove(0);
    scene.tx.update::<NetworkInterface>(&[interface.account.as_str(), &interface.region, &interface.id], |it| {
        it.public_ip = None;
        it.ipv6_addresses = vec!["2600:1f18::1".parse().unwrap()];
        it.public_hostname = Some(HostnameType::Ipv6);
    });
    let one = format!("/latest/meta-data/network/interfaces/macs/{}/public-hostname", interface.mac_address);
    for path in ["/latest/meta-data/public-hostname", one.as_str()] {
        assert_eq!(scene.get(path).0, 404, "{path}");
    }
}

#[test]
fn old_versions_hide_what_came_later() {
    let scene = scene();
    assert_eq!(scene.get("/1.0/meta-data/placement/availability-zone").0, 404);
    assert_eq!(scene.get("/2008-02-01/meta-data/placement/availability-zone").0, 200);
    assert_eq!(scene.get("/2008-02-01/meta-data/placement/availability-zone-id").0, 404);
    let (_, listing) = scene.get("/2007-08-29/meta-data/");
    assert!(!listing.contains("placement") && listing.contains("instance-type"));
}

#[test]
fn tags_only_where_they_are_shown() {
    let mut scene = scene();
    scene.change(|instance| {
        instance.tags = vec![service::tags::Tag::new("Name", "web"), service::tags::Tag::new("env", "")];
        instance.metadata.instance_metadata_tags = true;
    });
    assert_eq!(scene.get("/latest/meta-data/tags/instance/"), (200, "Name\nenv".to_owned()));
    assert_eq!(scene.get("/latest/meta-data/tags/instance/Name"), (200, "web".to_owned()));
    assert_eq!(scene.get("/latest/meta-data/tag-sets/"), (200, "instance".to_owned()));
    assert_eq!(scene.get("/latest/meta-data/tag-sets/instance/"), (200, "{\"Name\":\"web\",\"env\":\"\"}".to_owned()));
    assert_eq!(scene.get("/2024-04-11/meta-data/tag-sets/").0, 404);
}

#[test]
fn every_instance_can_prove_which_it_is() {
    let scene = scene();
    let (_, info) = scene.get("/latest/meta-data/identity-credentials/ec2/info");
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    assert_eq!((&info["Code"], &info["AccountId"]), (&"Success".into(), &"123456789012".into()));
    let path = "/latest/meta-data/identity-credentials/ec2/security-credentials/ec2-instance";
    let (_, text) = scene.get(path);
    let keys: serde_json::Value = serde_json::from_str(&text).unwrap();
    let caller = sts::token::open(
        &scene.tx,
        keys["AccessKeyId"].as_str().unwrap(),
        keys["Token"].as_str().unwrap(),
        scene.cx.now,
        "aws",
    );
    let arn = format!("arn:aws:sts::123456789012:assumed-role/aws:ec2-instance/{}", scene.instance);
    assert_eq!(caller.unwrap().arn(), arn);
    assert_eq!(scene.get(path).1, text, "the same set all hour");
    assert_eq!(scene.get("/2016-09-02/meta-data/identity-credentials/").0, 404);
    assert_eq!(scene.get("/latest/meta-data/events/maintenance/scheduled"), (200, "[]".to_owned()));
}

#[test]
fn the_identity_document() {
    let scene = scene();
    let (_, text) = scene.get("/latest/dynamic/instance-identity/document");
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["instanceId"], scene.instance().id);
    assert_eq!(document["billingProducts"], serde_json::Value::Null);
    assert!(text.starts_with("{\n  \"accountId\" : \"123456789012\",\n  \"architecture\" : "), "{text}");
    let products = "\"billingProducts\" : null,\n  \"devpayProductCodes\" : null,\n  \"marketplaceProductCodes\" : null,\n  \"imageId\"";
    assert!(text.contains(products), "{text}");
}

#[test]
fn dated_versions_have_what_there_was() {
    let scene = scene();
    let lines = |path: &str| scene.get(path).1.replace('\n', " ");
    assert!(lines("/2007-12-15/meta-data/").contains("local-ipv4 profile public-hostname"));
    assert!(!lines("/2016-09-02/meta-data/").contains("identity-credentials/"));
    assert!(lines("/2018-03-28/meta-data/").contains("hostname identity-credentials/ instance-action"));
    assert_eq!(lines("/2018-09-24/meta-data/placement/"), "availability-zone");
    assert_eq!(lines("/2019-10-01/meta-data/placement/"), "availability-zone availability-zone-id region");
    assert_eq!(lines("/2009-04-04/dynamic/"), "instance-identity/");
    assert_eq!(scene.get("/2008-09-01/dynamic/").0, 404);
}

#[test]
fn paths_are_decoded_and_tidied() {
    let scene = scene();
    let id = scene.instance().id.clone();
    for path in
        ["/latest/meta-data/./instance-id", "/latest//meta-data/instance-id/", "/latest/meta-data/%69nstance-id"]
    {
        assert_eq!(scene.get(path), (200, id.clone()), "{path}");
    }
    let (status, page) = scene.get("/latest/nothing");
    assert_eq!((status, page.len()), (404, 339), "{page}");
}

#[test]
fn odd_paths_are_not_found() {
    let scene = scene();
    let long = "/latest".repeat(5_000);
    for path in ["", "//", "/latest//meta-data//instance-id", "/latest/meta-data/../..", "/%00", "/latest/ü", &long] {
        assert!(matches!(scene.get(path).0, 200 | 404), "{path}");
    }
}

#[test]
fn signatures_are_the_keys_own() {
    let mut scene = scene();
    let path = "/latest/dynamic/instance-identity/";
    assert!(
        wants_identity_keys(&format!("{path}rsa2048/"))
            && wants_identity_keys("/2009-04-04/dynamic/instance-identity/signature")
    );
    assert!(!wants_identity_keys(path) && !wants_identity_keys(&format!("{path}document")));
    assert_eq!(scene.get(path).1, "document\npkcs7\nrsa2048\nsignature");
    assert_eq!(scene.get(&format!("{path}signature")).0, 500, "nothing was drawn");
    let keys = IdentityKeys::draw([7; 32]).unwrap();
    assert_eq!(keys.certificate(), IdentityKeys::draw([7; 32]).unwrap().certificate());
    scene.tx.put(keys);
    let (status, signature) = scene.get(&format!("{path}signature"));
    assert_eq!((status, signature.len()), (200, 344 + 4), "256 bytes in lines of 76");
    let (status, signed) = scene.get(&format!("{path}pkcs7"));
    assert!(status == 200 && signed.starts_with("MII"), "{signed}");
    assert_eq!(scene.get(&format!("{path}rsa2048")).1, signed);
}
