//! Registers that are not as the program left them: each is refused with a reason and exit code 3,
//! nothing is written, and a repaired one goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::run::{PROGRAM, Town, run, shell};

const NIL: &str = "--channel mailbox --on 2025-03-01";

fn filled() -> Town {
    let town = Town::new();
    town.run("nil", "--channel fax-d4 --on 2025-03-01").ok();
    town
}

#[test]
fn no_register_is_not_an_empty_one() {
    let empty = tempfile::tempdir().unwrap();
    let data = empty.path().to_str().unwrap();
    run("nil --channel mailbox --on 2025-03-01 --data", &[data]).refused(3, &["no register"]);
    let nowhere = format!("{data}/nowhere");
    run("report --year 2025 --data", &[&nowhere]).refused(3, &["nowhere"]);
    let town = filled();
    run("init --data", &[&town.data()]).refused(2, &["town"]);
    run("init --agency us-xx-nowhere --data", &[&nowhere]).refused(2, &["us-xx-nowhere"]);
    run("init --channel attic --data", &[&nowhere]).refused(2, &["id=kind:label"]);
    run("init --channel attic=dove:Dove --data", &[&nowhere]).refused(2, &["fax, mailbox"]);
    assert!(!fs::exists(&nowhere).unwrap(), "nothing is half-made");
}

#[test]
fn altered_or_missing_files_are_named() {
    for (file, alter, says) in [
        (
            "bailiwick.toml",
            "sed -i \"s/^agency.*/agency = 'other-pd'/\"",
            vec!["other-pd", "another agency"],
        ),
        ("bailiwick.toml", "sed -i 's/^format = 1/format = 2/'", vec!["format `2`", "later"]),
        ("bailiwick.toml", "sed -i s/register.example/elsewhere.example/", vec!["elsewhere"]),
        ("bailiwick.toml", "sed -i s/channels/chanels/", vec!["bailiwick.toml"]),
        ("signing.key", "sed -i s/KEY/KYE/", vec!["signing.key"]),
        ("signing.key", "rm", vec!["signing.key"]),
        ("register.db*", "truncate -s 1000", vec!["register.db"]),
        ("register.db*", "rm", vec!["register.db"]),
        ("public/checkpoint", "rm", vec!["checkpoint"]),
        ("public/checkpoint", "truncate -s 10", vec!["checkpoint"]),
        ("keys/*", "truncate -s 40", vec!["keys"]),
        ("keys/*", "rm", vec!["keys"]),
    ] {
        let town = filled();
        shell(town.folder.path(), &format!("{alter} town/{file}")).ok();
        let ran = town.run("nil", NIL);
        assert!(matches!(ran.code, 2 | 3), "{alter} {file}: {ran:#?}");
        let code = ran.code;
        ran.refused(code, &says);
    }
}

#[test]
fn a_database_from_an_old_backup_is_refused() {
    let town = filled();
    shell(town.folder.path(), "mkdir old && cp -a town/register.db* old/").ok();
    town.run("nil", NIL).ok();
    shell(town.folder.path(), "rm town/register.db* && cp -a old/* town/").ok();
    town.run("nil", "--channel mailbox --on 2025-03-02").refused(3, &["old backup"]);
}

#[test]
fn only_one_process_has_a_register() {
    let town = filled();
    // Another process holds the lock as ours does, while ours is asked.
    let script = format!("flock -x town/lock $BAILIWICK nil --data town {NIL}");
    shell(town.folder.path(), &script).refused(3, &["in use by another process"]);
    town.run("nil", NIL).ok();
    assert_eq!(town.size(), 3);
}

#[test]
fn a_full_disk_acknowledges_nothing_and_loses_nothing() {
    let town = filled();
    // A limit on the size of files stands for the end of the disk: writes fail part of the way.
    for blocks in [0, 1, 8, 40] {
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; $BAILIWICK nil --data town {NIL} 2>&1 >/dev/null; \
             echo code $?"
        );
        let ran = shell(town.folder.path(), &script).ok();
        if ran.out.contains("code 0") {
            assert!(blocks > 0, "{}", ran.out);
            break;
        }
        assert!(ran.out.contains("code 3"), "{}", ran.out);
        assert!(ran.out.contains("bailiwick: "), "{}", ran.out);
    }
    let size = town.size();
    town.run("nil", "--channel mailbox --on 2025-03-09").ok();
    assert!(town.size() > size);
}

#[test]
fn a_register_that_cannot_be_written_says_so() {
    let town = filled();
    let script = "chmod -R a-w town && chmod 755 . && cp $BAILIWICK program";
    shell(town.folder.path(), script).ok();
    // The administrator may write anything, so another user asks where we are the administrator.
    let someone = "id -u | grep -q '^0$' && chown -R 65534 town && \
                   as='setpriv --reuid=65534 --regid=65534 --clear-groups'; ";
    let script = format!("{someone} $as ./program nil --data town {NIL}");
    shell(town.folder.path(), &script).refused(3, &["ermission denied"]);
    shell(town.folder.path(), "chmod -R u+w town; id -u | grep -q '^0$' && chown -R 0 town; true")
        .ok();
    town.run("nil", NIL).ok();
    assert_eq!(town.size(), 3);
    assert!(fs::metadata(PROGRAM).unwrap().permissions().mode() & 0o111 != 0);
}
