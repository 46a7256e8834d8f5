//! Examples shown under the help of each command.

/// Under `init --help`.
pub(super) const INIT: &str = r#"For example:
  bailiwick init --data register --origin register.boston.example/police \
      --channel "fax-d4=fax:Fax of station D-4" --channel "mailbox=mailbox:Central mailbox""#;

/// Under `decide --help`.
pub(super) const DECIDE: &str = "For example:
  bailiwick decide --on 2025-03-01 --action hold --fact basis=detainer \\
      --fact eligible_for_release=true
  bailiwick decide --json --action notify --fact form=i_247n@document";

/// Under `ask --help`.
pub(super) const ASK: &str = "For example:
  bailiwick ask --action hold --on 2025-03-01
  bailiwick ask --json --action hold --fact basis=detainer --unknown criminal_charge";

/// Under `why --help`.
pub(super) const WHY: &str = "For example:
  bailiwick why --on 2025-03-01 --action transfer --fact judicial_order=true \\
      --fact basis=court_order --fact requester=ero";

/// Under `diff --help`.
pub(super) const DIFF: &str = "For example:
  bailiwick diff 2014-09-01 2025-03-01
  bailiwick diff --with law-with-the-amendment/ --action hold";

/// Under `prove --help`.
pub(super) const PROVE: &str = "For example:
  bailiwick prove --on 2025-03-01";

/// Under `request --help`.
pub(super) const REQUEST: &str = "For example:
  bailiwick request --data register --channel fax-d4 --action hold \\
      --fact form=i_247a@document --fact eligible_for_release=true --reason final_order \\
      --receipt 17.tlog-proof";

/// Under `settle --help`.
pub(super) const SETTLE: &str = "For example:
  bailiwick settle --data register 17 --fact criminal_warrant=false --by 'Desk officer 2'";

/// Under `done --help`.
pub(super) const DONE: &str = "For example:
  bailiwick done --data register 17 declined
  bailiwick done --data register 17 transferred --action transfer --basis court_order";

/// Under `correct --help`.
pub(super) const CORRECT: &str = "For example:
  bailiwick correct --data register 17 --set station=B-3 --why 'the other station'
  bailiwick correct --data register 19 --void --why 'entered twice'";

/// Under `nil --help`.
pub(super) const NIL: &str = "For example:
  bailiwick nil --data register --channel fax-d4 --on 2025-03-01";

/// Under `forget --help`.
pub(super) const FORGET: &str = "For example:
  bailiwick forget --data register 17 --order 'order of 1 August, docket 7'";

/// Under `import --help`.
pub(super) const IMPORT: &str = "For example:
  bailiwick import --data register requests-2025.csv
  bailiwick import --data register federal-detainers.csv --channel mailbox";

/// Under `report --help`.
pub(super) const REPORT: &str = "For example:
  bailiwick report --data register --year 2025 --out draft
  bailiwick report --data register --year 2025 --publish
  bailiwick report --data register --report chicago-wco/quarterly --period 2025-Q1";

/// Under `receipt --help`.
pub(super) const RECEIPT: &str = "For example:
  bailiwick receipt --data register 17 --out 17.tlog-proof --opening 17.opening";

/// Under `verify --help`.
pub(super) const VERIFY: &str = "For example:
  bailiwick verify register/public --key vkey
  bailiwick verify --key vkey --receipt 17.tlog-proof --opening 17.opening";

/// Under `check --help`.
pub(super) const CHECK: &str = "For example:
  bailiwick check law/";

/// Under `new-pack --help`.
pub(super) const NEW_PACK: &str = "For example:
  bailiwick new-pack law us/ny/albany/ordinance --agency us-ny-albany-pd \\
      --name 'Albany Police Department' --from 2025-03-01 --citation 'Albany Code 1-2' \\
      --maker 'Albany Common Council'";

/// Under `replay --help`.
pub(super) const REPLAY: &str = "For example:
  bailiwick replay federal-detainers.csv --on 2014-09-01 --on 2025-03-01 \\
      --assume eligible_for_release=true";

/// Under `demo --help`.
pub(super) const DEMO: &str = "For example:
  bailiwick demo
  bailiwick demo federal-detainers.csv --data register";

/// Under `audit --help`.
pub(super) const AUDIT: &str = "For example:
  bailiwick audit 2025-*.csv --agency us-il-county-sheriff --own own.toml --data register \\
    --by 'A. Auditor' --into audit-2025
  bailiwick audit explain 0123456789ab --from audit-2025
  bailiwick audit reasons 2025-*.csv

own.toml, all of it optional:
  names = [\"Example County IL SO\"]
  [thresholds]
  look_back_days = 30
  sharing_off = [{ with = \"other_state\", from = \"2025-06-01\" }]";

/// Under `disposition --help`.
pub(super) const DISPOSITION: &str = "For example:
  bailiwick audit heard 0123456789ab --from audit-2025 --data register --by 'B. Reviewer' \\
    --said 'The case was a robbery; the wrong line of the list was chosen.'
  bailiwick disposition 0123456789ab exonerated --from audit-2025 --data register \\
    --by 'B. Reviewer' --why 'The case file shows the robbery.'";

/// Under `reconcile --help`.
pub(super) const RECONCILE: &str = "For example:
  bailiwick reconcile federal-detainers.csv --data register --ours 'EXAMPLE COUNTY JAIL'";

/// Under `new-key --help`.
pub(super) const NEW_KEY: &str = "For example:
  bailiwick new-key counsel.boston.example --out counsel.key";

/// Under `sign --help`.
pub(super) const SIGN: &str = "For example:
  bailiwick sign --law my-law --agency us-ma-boston-pd --key counsel.key \\
      --official ordinance-2019.pdf us/ma/boston/trust-act/2019-12-19.md hold transfer";

/// Under `serve --help`.
pub(super) const SERVE: &str = "For example:
  bailiwick serve
  bailiwick serve --data register --listen 0.0.0.0:8443 --tls-chain chain.pem --tls-key key.pem

The folder is made with a new register if it is not there; then a link is printed with which the
first account is set up. Nothing leaves the machine but pages to whoever asks for them.";

/// Under `backup --help`.
pub(super) const BACKUP: &str = "For example:
  bailiwick backup --data register backups/2025-06-01";

/// Under `restore --help`.
pub(super) const RESTORE: &str = "For example:
  bailiwick restore backups/2025-06-01 --data register --checkpoint public-copy/checkpoint";
