//! Passkeys, made by an authenticator that is written here from the specification (Web
//! Authentication, Level 3, W3C: 6.1 authenticator data, 6.5.4 attestation objects; RFC 9053, 7.2
//! keys), and that can be told to cheat.

use bailiwick::web::{Passkeys, Role};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ed25519_dalek::{Signer as _, SigningKey};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::house::{House, NOON, ORIGIN, PASSWORD, Page};

const SITE: &str = "desk.example.gov";

/// One passkey, and what an honest authenticator would say of it.
#[derive(Clone)]
struct Key {
    sign: SigningKey,
    id: Vec<u8>,
    handle: String,
    count: u32,
    site: &'static str,
    origin: &'static str,
    /// Whether the person was there (1), and was recognised (4).
    person: u8,
}

impl Key {
    fn new(number: u8) -> Self {
        Self {
            sign: SigningKey::from_bytes(&[number; 32]),
            id: vec![number; 20],
            handle: String::new(),
            count: 1,
            site: SITE,
            origin: ORIGIN,
            person: 5,
        }
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let said = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin,
            "crossOrigin": false,
        });
        said.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.site).to_vec();
        data.push(flags | self.person);
        data.extend(self.count.to_be_bytes());
        data
    }

    /// Makes the key that a desk offers.
    fn made(&mut self, options: &str) -> String {
        let options = options_of(options);
        self.handle = options["user"]["id"].as_str().unwrap().to_owned();
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // {1: 1 (OKP), 3: -8 (EdDSA), -1: 6 (Ed25519), -2: the key} in CBOR.
        data.extend([0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20]);
        data.extend(self.sign.verifying_key().as_bytes());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let id = B64.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": B64.encode(self.client("webauthn.create", &options)),
                "attestationObject": B64.encode(object),
                "transports": ["internal"],
            },
        })
        .to_string()
    }

    /// Shows the key to a desk that asks.
    fn shown(&mut self, options: &str) -> String {
        self.count += 1;
        let client = self.client("webauthn.get", &options_of(options));
        let data = self.data(0);
        let signed = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
        let id = B64.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": B64.encode(client),
                "authenticatorData": B64.encode(data),
                "signature": B64.encode(self.sign.sign(&signed).to_bytes()),
                "userHandle": self.handle,
            },
        })
        .to_string()
    }
}

fn options_of(text: &str) -> Value {
    let all: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("no options: {text}"));
    if all["publicKey"].is_object() { all["publicKey"].clone() } else { all }
}

/// Adds a passkey to somebody's account, who has a password.
async fn add(house: &House, role: Role, key: &mut Key) -> Page {
    house.pass(30);
    let proof = [("password", PASSWORD), ("code", &house.code(role))];
    let offer = house.send(role, "/account/passkey", &proof).await;
    assert_eq!(offer.status, 200, "{}", offer.text);
    let answer = key.made(&offer.text);
    let fields = [("answer", answer.as_str()), ("label", "my telephone")];
    house.send(role, "/account/passkeys", &fields).await
}

async fn asked(house: &House) -> String {
    let page = house.send(None, "/sign-in/passkey", &[]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

async fn sign_in(house: &House, answer: &str) -> Page {
    house.send(None, "/sign-in", &[("answer", answer)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_signs_in_whoever_added_it() {
    let house = House::new();
    let mut key = Key::new(1);
    let page = add(&house, Role::Clerk, &mut key).await;
    assert_eq!(page.to.as_deref(), Some("/account?said=saved"), "{}", page.text);
    let page = house.look(Role::Clerk, "/account").await;
    assert!(page.text.contains("my telephone") && page.text.contains("not yet"), "{}", page.text);

    let options = options_of(&asked(&house).await);
    assert_eq!(
        (&options["rpId"], &options["userVerification"]),
        (&SITE.into(), &"required".into())
    );
    // No list of keys, from which a stranger could learn who has an account.
    assert!(options.get("allowCredentials").is_none_or(|it| it == &json!([])), "{options}");

    let answer = key.shown(&asked(&house).await);
    let page = sign_in(&house, &answer).await;
    assert_eq!((page.status, page.to.as_deref()), (303, Some("/")), "{}", page.text);
    let cookie = page.cookie.unwrap();
    let request = axum::http::Request::get("/account")
        .header("cookie", cookie.split(';').next().unwrap())
        .body(axum::body::Body::empty());
    let page = house.ask(request.unwrap()).await;
    assert!(page.text.contains("<strong>clerk</strong>"), "{}", page.text);
    // An answer counts once.
    assert_eq!(sign_in(&house, &answer).await.status, 422);
}

/// Each way to cheat, with an honest answer before and after, so that nothing else is refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_honest_authenticator_says_signs_nobody_in() {
    let house = House::new();
    let mut key = Key::new(1);
    assert_eq!(add(&house, Role::Clerk, &mut key).await.status, 303);
    let (mut others, mut unknown) = (Key::new(2), Key::new(3));
    assert_eq!(add(&house, Role::Officer, &mut others).await.status, 303);
    unknown.handle.clone_from(&key.handle);
    let cheats: [(&str, Key); 8] = [
        ("another site's page", Key { origin: "https://desk.example.org", ..key.clone() }),
        ("without TLS", Key { origin: "http://desk.example.gov", ..key.clone() }),
        ("another port", Key { origin: "https://desk.example.gov:8443", ..key.clone() }),
        ("another site's key", Key { site: "example.gov", ..key.clone() }),
        ("nobody recognised", Key { person: 1, ..key.clone() }),
        ("another key's signature", Key { sign: others.sign.clone(), ..key.clone() }),
        ("somebody else's account", Key { handle: others.handle.clone(), ..key.clone() }),
        ("a key that nobody added", unknown),
    ];
    for (what, mut cheat) in cheats {
        cheat.count = key.count;
        let page = sign_in(&house, &cheat.shown(&asked(&house).await)).await;
        assert!(page.status == 422 && page.cookie.is_none(), "{what}: {}", page.text);
        assert!(page.text.contains("was not taken"), "{what}: {}", page.text);
        let page = sign_in(&house, &key.shown(&asked(&house).await)).await;
        assert_eq!(page.status, 303, "after {what}: {}", page.text);
    }
    // A copy of the key, of which the first has moved on.
    let mut copy = Key { count: key.count - 2, ..key.clone() };
    assert_eq!(sign_in(&house, &copy.shown(&asked(&house).await)).await.status, 422);
    // What was never asked, and what is no answer.
    let invented = json!({ "challenge": "AAAAAAAAAAAAAAAAAAAAAA" }).to_string();
    assert_eq!(sign_in(&house, &key.shown(&invented)).await.status, 422);
    for nonsense in ["{}", "[]", "\u{0}", "{\"id\":\"\"}", &"[".repeat(100_000)] {
        assert_eq!(sign_in(&house, nonsense).await.status, 422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_off_opens_to_no_passkey() {
    let house = House::new();
    let mut key = Key::new(1);
    assert_eq!(add(&house, Role::Clerk, &mut key).await.status, 303);
    let all = house.app.people.all().unwrap();
    let id = all.iter().find(|it| it.login == "clerk").unwrap().id;
    house.app.people.set_off(id, true).unwrap();
    let page = sign_in(&house, &key.shown(&asked(&house).await)).await;
    assert!(page.status == 422 && page.text.contains("switched off"), "{}", page.text);
}

/// A desk that somebody left for a moment makes no key to it.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_desk_is_not_enough_to_add_a_passkey() {
    let house = House::new();
    house.pass(30);
    let code = house.code(Role::Clerk);
    for proof in [vec![], vec![("password", "not the password"), ("code", code.as_str())]] {
        let page = house.send(Role::Clerk, "/account/passkey", &proof).await;
        assert_eq!(page.status, 422);
        let told: Value = serde_json::from_str(&page.text).unwrap();
        assert!(told["wrong"].as_str().unwrap().contains("do not fit"), "{told}");
    }
    // A passkey of another's account proves nothing here, nor can one offer be used by another.
    let mut key = Key::new(1);
    assert_eq!(add(&house, Role::Officer, &mut key).await.status, 303);
    let answer = key.shown(&asked(&house).await);
    let page = house.send(Role::Clerk, "/account/passkey", &[("answer", &answer)]).await;
    assert!(page.status == 422 && page.text.contains("somebody else"), "{}", page.text);
    house.pass(30);
    let proof = [("password", PASSWORD), ("code", &house.code(Role::Officer))];
    let offer = house.send(Role::Officer, "/account/passkey", &proof).await;
    let answer = Key::new(2).made(&offer.text);
    let page = house.send(Role::Clerk, "/account/passkeys", &[("answer", &answer)]).await;
    assert_eq!(page.status, 422, "{}", page.text);
    assert!(!house.look(Role::Clerk, "/account").await.text.contains("a passkey</th>"));
    // Nor does a key with the number of another's take its place.
    let page = add(&house, Role::Clerk, &mut Key::new(1)).await;
    assert!(page.status == 422 && page.text.contains("was not taken"), "{}", page.text);
    assert_eq!(sign_in(&house, &key.shown(&asked(&house).await)).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_desk_opens_to_its_own_passkey() {
    let house = House::new();
    let (mut own, mut others) = (Key::new(1), Key::new(2));
    assert_eq!(add(&house, Role::Clerk, &mut own).await.status, 303);
    assert_eq!(add(&house, Role::Officer, &mut others).await.status, 303);
    house.pass(15 * 60);
    let answer = others.shown(&asked(&house).await);
    let page = house.send(Role::Clerk, "/locked", &[("answer", &answer)]).await;
    assert!(page.status == 422 && page.text.contains("somebody else"), "{}", page.text);
    assert_eq!(house.look(Role::Clerk, "/register").await.to.as_deref(), Some("/locked"));
    let answer = own.shown(&asked(&house).await);
    let page = house.send(Role::Clerk, "/locked", &[("answer", &answer)]).await;
    assert_eq!(page.to.as_deref(), Some("/"), "{}", page.text);
    assert_eq!(house.look(Role::Clerk, "/register").await.status, 200);
}

/// From an invitation to a second key, without a password; and a new link, which ends all of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_does_without_a_password() {
    let house = House::new();
    let fields = [("name", "New Person"), ("login", "new.person"), ("role", "clerk")];
    let page = house.send(Role::Administrator, "/accounts", &fields).await;
    let link = |page: &Page| {
        format!("/set-up/{}", page.text.split("/set-up/").nth(1).unwrap().get(..64).unwrap())
    };
    let path = link(&page);
    let form = house.look(None, &path).await;
    let secret = form.text.split("name=\"secret\" value=\"").nth(1).unwrap();
    let secret = secret.split('"').next().unwrap().to_owned();
    let offer = house.send(None, &format!("{path}/passkey"), &[]).await;
    assert_eq!(options_of(&offer.text)["user"]["name"], "new.person");
    let (mut first, mut second) = (Key::new(1), Key::new(2));
    let answer = first.made(&offer.text);
    let fields = [("secret", secret.as_str()), ("answer", answer.as_str())];
    let page = house.send(None, &path, &fields).await;
    assert_eq!(page.to.as_deref(), Some("/"), "{}", page.text);
    assert_eq!(house.send(None, &path, &fields).await.status, 422, "a link works once");
    let all = house.app.people.all().unwrap();
    let person = all.iter().find(|it| it.login == "new.person").unwrap();
    assert!(person.ready && !person.password);
    // No password signs them in: there is none, and an empty one is not it.
    for password in ["", "a sentence that is long"] {
        let fields = [("login", "new.person"), ("password", password), ("code", "000000")];
        assert_eq!(house.send(None, "/sign-in", &fields).await.status, 422);
    }
    let people = &house.app.people;
    let only = people.passkeys(person.id).unwrap().remove(0);
    let refused = people.remove_passkey(person, &only.id).unwrap_err().to_string();
    assert!(refused.contains("only passkey"), "{refused}");
    let keys = house.app.passkeys.as_ref().unwrap();
    assert_eq!(keys.whose(&first.shown(&asked(&house).await), NOON).unwrap(), person.id);
    let made = keys.made(person, &second.made(&keys.offer(person).unwrap())).unwrap();
    people.add_passkey(&made, "", NOON).unwrap();
    people.remove_passkey(person, &only.id).unwrap();
    assert_eq!(sign_in(&house, &first.shown(&asked(&house).await)).await.status, 422);
    assert_eq!(sign_in(&house, &second.shown(&asked(&house).await)).await.status, 303);

    // Their security key is lost: a new link is made, and its use ends what was.
    let invite = format!("/accounts/{}/invite", person.id);
    let path = link(&house.send(Role::Administrator, &invite, &[]).await);
    let code = house.digits(&secret);
    let sent = [("password", PASSWORD), ("again", PASSWORD), ("secret", &secret), ("code", &code)];
    assert_eq!(house.send(None, &path, &sent).await.status, 303);
    assert_eq!(sign_in(&house, &second.shown(&asked(&house).await)).await.status, 422);
}

#[test]
fn passkeys_are_bound_to_a_name_over_tls() {
    let house = House::new();
    let at = |origin: &str| Passkeys::new(house.app.database.clone(), origin);
    for good in
        ["https://desk.example.gov", "https://desk.example.gov:8443", "http://localhost:8080"]
    {
        assert_eq!(at(good).unwrap().origin(), good);
    }
    for bad in [
        "desk.example.gov",
        "http://desk.example.gov",
        "https://10.0.0.1",
        "https://[::1]:8080",
        "https://desk.example.gov/",
        "https://desk.example.gov/path",
        "https://a@desk.example.gov",
        "https://",
        "",
        "ftp://localhost",
    ] {
        let Err(error) = at(bad) else { panic!("{bad}") };
        assert!(error.to_string().contains("https://desk.example.gov`"), "{bad}: {error}");
    }
}

/// A desk of before there were passkeys is brought to the form of today, with its people.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_desk_gets_passkeys() {
    let house = House::new();
    let file = house.data().join("desk.db");
    let house = house.opened_again_after(|| {
        let database = Connection::open(&file).unwrap();
        database
            .execute_batch(
                "DROP TABLE passkey; ALTER TABLE person DROP COLUMN handle;
                 PRAGMA user_version = 1;",
            )
            .unwrap();
    });
    let mut key = Key::new(1);
    assert_eq!(add(&house, Role::Clerk, &mut key).await.status, 303);
    assert_eq!(sign_in(&house, &key.shown(&asked(&house).await)).await.status, 303);
    let file = house.data().join("desk.db");
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 9).unwrap();
    let error = bailiwick::web::Database::open(&house.data()).map(drop).unwrap_err().to_string();
    assert!(error.contains("format 9"), "{error}");
}
