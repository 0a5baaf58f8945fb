//! New root keys, and a copy of one that only a passphrase opens.
//!
//! ```text
//! k    = Argon2id (RFC 9106) of the passphrase, 16 bytes of salt, 64 MiB, 3 passes, 4 lanes
//! body = u32be(KiB) || u32be(passes) || u32be(lanes) || salt || key id (16)
//!        || salt and nonce (44) || ciphertext (32) || tag and commitment (48)     suite 2 under k
//! copy = "javari-recovery-1:" || base64url(body) || ":" || first 4 bytes of SHA-256, hexadecimal
//! ```
//!
//! The checksum tells a mistyped copy from a wrong passphrase. Suite 2 commits to its key, so that
//! one copy cannot be made to open under two passphrases.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::{
    credential::{Faults, read_optional_secret, read_secret, show},
    seal::{Binding, DataKey, Sealed, seal, unseal},
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::{RootKey, Secret},
};

const PREFIX: &str = "javari-recovery-1:";
const BODY: usize = 4 * 3 + 16 + 16 + 44 + 32 + 48;
/// The second choice that RFC 9106 §4 recommends for every use.
const RECOMMENDED: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
const SHORTEST_PASSPHRASE: usize = 12;
const LONGEST_PASSPHRASE: usize = 1_024;
/// Whoever asks for many derivations at once waits: each takes the memory that its copy names.
static DERIVATIONS: Semaphore = Semaphore::const_new(2);

/// A root key that was made or opened just now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NewKey {
    /// The key as `CREDENTIAL_ENCRYPTION_KEY` holds it: 32 bytes as 44 characters of base64.
    #[serde(serialize_with = "show")]
    #[schemars(with = "String")]
    pub key: Secret,
    /// What names it without telling it, as `WRONG_KEY` does: 32 hexadecimal digits.
    pub key_id: String,
}

/// A copy of a root key to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeRecoveryCopy {
    /// What opens the copy: 12 characters at least, 1024 bytes at most. Six words or more drawn by
    /// chance are a good one.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "String")]
    pub passphrase: Secret,
    /// The root key to copy; the one this vault is sealed with when left out.
    #[serde(default, deserialize_with = "read_optional_secret")]
    #[schemars(with = "Option<String>")]
    pub key: Option<Secret>,
}

/// A copy of a root key, to be printed or written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecoveryCopy {
    /// The copy: one line of letters, digits, `-`, `_` and `:`. Without the passphrase it tells
    /// nothing but which key it is of.
    pub copy: String,
    /// What names the key.
    pub key_id: String,
}

/// A copy to be opened.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRecoveryCopy {
    /// The copy; white space in it does not count.
    #[schemars(length(max = 4096))]
    pub copy: String,
    /// What it was made with.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "String")]
    pub passphrase: Secret,
}

/// Makes a root key from the system's random bytes. It is stored nowhere.
///
/// ```
/// let made = javari_core::vault::make_key().unwrap();
/// // Exposed to measure it.
/// assert_eq!((made.key.expose().len(), made.key_id.len()), (44, 32));
/// ```
///
/// # Errors
/// `UNEXPECTED` when the system gives no random bytes.
pub fn make_key() -> Result<NewKey> {
    NewKey::of(&RootKey::ephemeral()?)
}

/// Whether `text` looks like a recovery copy, whole or not.
pub fn is_recovery_copy(text: &str) -> bool {
    text.trim_start().starts_with(PREFIX)
}

/// A copy of `root` that only `passphrase` opens. Takes about a second and 64 MiB, on a thread of
/// its own.
///
/// # Errors
/// `INVALID_INPUT` when the passphrase is too short or too long.
pub async fn make_recovery_copy(root: &RootKey, passphrase: &Secret) -> Result<RecoveryCopy> {
    const OPERATION: &str = "vault.recovery_copy";
    let mut faults = Faults::of(OPERATION);
    // Exposed to measure it.
    let text = passphrase.expose();
    if text.chars().count() < SHORTEST_PASSPHRASE || text.len() > LONGEST_PASSPHRASE {
        faults.add("/passphrase", "must have 12 characters at least and 1024 bytes at most");
    }
    faults.into_result()?;
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|fault| {
        Error::new(ErrorKind::Unexpected, OPERATION, "the system gave no random bytes")
            .with("fault", fault)
    })?;
    let key_id = root.id()?;
    let key = derive(OPERATION, passphrase, salt, RECOMMENDED).await?;
    // Exposed to seal it.
    let sealed = seal(&key, &binding(RECOMMENDED, &salt, &key_id), root.expose())?;
    let mut body = Vec::with_capacity(BODY);
    for number in [RECOMMENDED.memory_kib, RECOMMENDED.passes, RECOMMENDED.lanes] {
        body.extend_from_slice(&number.to_be_bytes());
    }
    body.extend_from_slice(&salt);
    body.extend_from_slice(&name_bytes(&key_id)?);
    for column in [&sealed.encryption_iv, &sealed.encrypted_value, &sealed.encryption_tag] {
        body.extend_from_slice(&STANDARD.decode(column).map_err(|_| malformed(OPERATION))?);
    }
    let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&body));
    let copy = format!("{text}:{}", checksum(&text));
    Ok(RecoveryCopy { copy, key_id })
}

/// The root key of a copy. What the copy asks of memory and time is checked before it is spent.
///
/// # Errors
/// `INVALID_INPUT` when the copy is mistyped, cut or asks for too little or too much;
/// `CANNOT_UNSEAL` when the passphrase is another one.
pub async fn open_recovery_copy(copy: &str, passphrase: &Secret) -> Result<RootKey> {
    const OPERATION: &str = "vault.open_recovery_copy";
    let Parts { cost, salt, key_id, sealed } = Parts::read(copy)?;
    // Exposed to measure it.
    if passphrase.expose().len() > LONGEST_PASSPHRASE {
        return Err(refused("/passphrase", "must have 1024 bytes at most"));
    }
    let key = derive(OPERATION, passphrase, salt, cost).await?;
    let opened = unseal(&key, &binding(cost, &salt, &key_id), &sealed).map_err(|_| {
        Error::new(
            ErrorKind::CannotUnseal,
            OPERATION,
            "the passphrase is not the one this copy was made with",
        )
        .with("key", &key_id)
    })?;
    let bytes =
        Zeroizing::new(<[u8; 32]>::try_from(opened.as_slice()).map_err(|_| malformed(OPERATION))?);
    let root = RootKey::from_bytes(*bytes);
    if root.id()? == key_id { Ok(root) } else { Err(malformed(OPERATION)) }
}

impl NewKey {
    /// A root key as text, with its name.
    ///
    /// # Errors
    /// `UNEXPECTED` when the name cannot be derived.
    pub fn of(root: &RootKey) -> Result<Self> {
        Ok(Self { key: root.to_base64(), key_id: root.id()? })
    }
}

/// What a derivation costs whoever runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// Refuses what is too weak to protect a key, and what is meant to exhaust who opens it.
    fn check(self) -> Result<()> {
        let bounded = (16 * 1024..=1024 * 1024).contains(&self.memory_kib)
            && (2..=64).contains(&self.passes)
            && (1..=16).contains(&self.lanes);
        if bounded {
            return Ok(());
        }
        Err(refused("/copy", "asks for less than 16 MiB and 2 passes or more than 1 GiB"))
    }
}

struct Parts {
    cost: Cost,
    salt: [u8; 16],
    key_id: String,
    sealed: Sealed,
}

impl Parts {
    fn read(copy: &str) -> Result<Self> {
        if copy.len() > 4_096 {
            return Err(refused("/copy", "is longer than any copy"));
        }
        let compact: String = copy.split_whitespace().collect();
        if !compact.starts_with(PREFIX) {
            return Err(refused("/copy", "must begin with `javari-recovery-1:`"));
        }
        let (text, sum) = compact.rsplit_once(':').unwrap_or_default();
        if !sum.eq_ignore_ascii_case(&checksum(text)) {
            return Err(refused("/copy", "is mistyped or cut: its checksum does not fit"));
        }
        let body = text.strip_prefix(PREFIX).and_then(|body| URL_SAFE_NO_PAD.decode(body).ok());
        let body = body.filter(|body| body.len() == BODY);
        let body = body.ok_or_else(|| refused("/copy", "has another length than a copy"))?;
        let mut rest = body.as_slice();
        let mut take = |length: usize| {
            let (taken, left) = rest.split_at(length.min(rest.len()));
            rest = left;
            taken
        };
        let mut number = || take(4).iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        let cost = Cost { memory_kib: number(), passes: number(), lanes: number() };
        cost.check()?;
        let mut salt = [0; 16];
        salt.copy_from_slice(take(16));
        let key_id = hex::encode(take(16));
        let [encryption_iv, encrypted_value, encryption_tag] =
            [44, 32, 48].map(|length| STANDARD.encode(take(length)));
        Ok(Self {
            cost,
            salt,
            key_id,
            sealed: Sealed { encrypted_value, encryption_iv, encryption_tag },
        })
    }
}

fn binding(cost: Cost, salt: &[u8], key_id: &str) -> Binding {
    Binding::new(vec![
        "copy=javari-recovery-1".to_owned(),
        format!("argon2id=m={},t={},p={}", cost.memory_kib, cost.passes, cost.lanes),
        format!("salt={}", hex::encode(salt)),
        format!("key={key_id}"),
    ])
}

async fn derive(
    operation: &'static str,
    passphrase: &Secret,
    salt: [u8; 16],
    cost: Cost,
) -> Result<DataKey> {
    let failed = || Error::new(ErrorKind::Unexpected, operation, "the key was not derived");
    cost.check()?;
    let _turn = DERIVATIONS.acquire().await.map_err(|_| failed())?;
    let passphrase = passphrase.clone();
    let work = move || {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32));
        let params = params.map_err(|_| failed())?;
        let mut key: DataKey = Zeroizing::new([0; 32]);
        // Exposed to derive a key from it.
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &salt, key.as_mut())
            .map_err(|_| failed())?;
        Ok(key)
    };
    tokio::task::spawn_blocking(work).await.map_err(|stopped| failed().with_source(stopped))?
}

fn checksum(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..4])
}

fn name_bytes(key_id: &str) -> Result<Vec<u8>> {
    hex::decode(key_id).map_err(|_| malformed("vault.recovery_copy"))
}

fn refused(path: &str, message: &str) -> Error {
    Error::invalid("vault.open_recovery_copy", "this copy cannot be opened")
        .with_field(path, message)
}

fn malformed(operation: &'static str) -> Error {
    Error::new(ErrorKind::Unexpected, operation, "the copy has another form than it should")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "correct horse battery staple";

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[tokio::test]
    async fn a_copy_gives_the_same_key_back_to_who_knows_the_passphrase_and_to_nobody_else() {
        let root = RootKey::from_bytes([7; 32]);
        let made = make_recovery_copy(&root, &secret(PASSPHRASE)).await.unwrap();
        assert_eq!(made.key_id, root.id().unwrap());
        assert!(!made.copy.contains(root.to_base64().expose()));
        // As it is typed from paper.
        let (one, other) = made.copy.split_at(90);
        let typed = format!(" {one}\n  {}", other.to_owned());
        let opened = open_recovery_copy(&typed, &secret(PASSPHRASE)).await.unwrap();
        assert_eq!(opened.expose(), root.expose());
        let wrong = secret("correct horse battery stapler");
        let error = open_recovery_copy(&made.copy, &wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotUnseal);
        assert!(!format!("{error:?}").contains("stapler"));
        let again = make_recovery_copy(&root, &secret(PASSPHRASE)).await.unwrap();
        assert_ne!(again.copy, made.copy);
    }

    #[tokio::test]
    async fn a_weak_passphrase_is_refused_without_repeating_it() {
        let root = RootKey::from_bytes([7; 32]);
        for weak in ["elevenchars", "", &"x".repeat(1_025)] {
            let error = make_recovery_copy(&root, &secret(weak)).await.unwrap_err();
            assert_eq!(error.fields()[0].path, "/passphrase");
        }
    }

    /// A copy with this body and a checksum that fits.
    fn forged(body: &[u8]) -> String {
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(body));
        format!("{text}:{}", checksum(&text))
    }

    fn body(cost: [u32; 3]) -> Vec<u8> {
        let mut body: Vec<u8> = cost.iter().flat_map(|number| number.to_be_bytes()).collect();
        body.resize(BODY, 9);
        body
    }

    #[tokio::test]
    async fn what_a_copy_asks_for_is_checked_before_it_is_spent() {
        for cost in [
            [16 * 1024 - 1, 3, 4],
            [64 * 1024, 1, 4],
            [1024 * 1024 + 1, 3, 4],
            [u32::MAX, u32::MAX, u32::MAX],
            [64 * 1024, 65, 4],
            [64 * 1024, 3, 0],
            [64 * 1024, 3, 17],
        ] {
            let copy = forged(&body(cost));
            let error = open_recovery_copy(&copy, &secret(PASSPHRASE)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{cost:?}");
            assert!(error.fields()[0].message.contains("16 MiB"), "{error}");
        }
        assert!(Parts::read(&forged(&body([16 * 1024, 2, 1]))).is_ok());
    }

    #[tokio::test]
    async fn a_copy_that_was_lowered_to_the_floor_does_not_open() {
        let root = RootKey::from_bytes([7; 32]);
        let made = make_recovery_copy(&root, &secret(PASSPHRASE)).await.unwrap();
        let text = made.copy.rsplit_once(':').unwrap().0;
        let mut body = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX).unwrap()).unwrap();
        body[..4].copy_from_slice(&(16_u32 * 1024).to_be_bytes());
        body[4..8].copy_from_slice(&2_u32.to_be_bytes());
        let error = open_recovery_copy(&forged(&body), &secret(PASSPHRASE)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotUnseal);
    }

    #[test]
    fn a_mistyped_copy_is_told_from_a_wrong_passphrase() {
        let copy = forged(&body([64 * 1024, 3, 4]));
        assert!(Parts::read(&copy).is_ok());
        for index in PREFIX.len()..copy.len() {
            let mut letters: Vec<char> = copy.chars().collect();
            letters[index] = if letters[index] == 'z' { 'y' } else { 'z' };
            let mistyped: String = letters.into_iter().collect();
            let error = Parts::read(&mistyped).err().unwrap();
            assert_eq!(error.fields()[0].path, "/copy");
        }
        for cut in [copy.len() - 1, 40, PREFIX.len(), 3, 0] {
            assert!(Parts::read(&copy[..cut]).is_err(), "{cut}");
        }
        assert!(Parts::read(&forged(&body([64 * 1024, 3, 4])[..BODY - 1])).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,400}", body in proptest::collection::vec(0_u8.., 0..300)) {
            let _ = Parts::read(&text);
            let _ = Parts::read(&format!("{PREFIX}{text}"));
            let _ = Parts::read(&forged(&body));
        }
    }

    /// RFC 9106 §5.3, through the parameters this room uses.
    #[test]
    fn argon2id_gives_the_vector_of_the_rfc() {
        let params = argon2::ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(argon2::AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let hasher =
            Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut tag = [0; 32];
        hasher.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
        assert_eq!(
            hex::encode(tag),
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
        );
    }
}
