//! Each recipe over a real build, and what no recipe dares.

use super::*;

/// A build that uses no package that `package.json` does not declare, as strict installers do.
const STRICT_BUILD: &str = r#"import { readFileSync } from 'node:fs';
const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
const source = readFileSync('src/app.mjs', 'utf8');
for (const [, name] of source.matchAll(/from '([a-z-]+)'/g)) {
  const spec = dependencies[name];
  if (!spec) throw new Error(`Cannot find module '${name}'\nRequire stack:\n- ${process.cwd()}/src/app.mjs`);
  readFileSync((spec.startsWith('file:') ? spec.slice(5) : `node_modules/${name}`) + '/package.json');
}
"#;

pub(super) const UNDECLARED: &[(&str, &str)] = &[
    ("package.json", "{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\"\n}\n"),
    ("build.mjs", STRICT_BUILD),
    ("src/app.mjs", "import { small } from 'tinylib';\nconsole.log(small);\n"),
    ("vendor/tinylib/package.json", "{\"name\": \"tinylib\", \"version\": \"1.2.3\"}\n"),
];

const PYTHON_BUILD: &str = "import pathlib, sys\nfor line in pathlib.Path('requirements.txt').read_text().split():\n    sys.path.insert(0, line)\nimport app\n";

/// Paths and texts.
type Files = &'static [(&'static str, &'static str)];
/// The file that changes and a line that is new in it.
type Mended = Option<(&'static str, &'static str)>;

struct Case {
    name: &'static str,
    command: &'static [&'static str],
    files: Files,
    error_type: &'static str,
    /// The only file that changes, and a line that is new in it.
    mended: (&'static str, &'static str),
}

const RUSTC: &[&str] =
    &["rustc", "--edition=2021", "--crate-type=bin", "--emit=metadata", "-o", "out", "src/main.rs"];
const CARGO: &[&str] = &["cargo", "check", "--offline", "--quiet"];
const PYTHON: &[&str] = &["python3", "build.py"];

const WORKSPACE: (&str, &str) =
    ("Cargo.toml", "[workspace]\nmembers = [\"app\", \"helper-lib\"]\nresolver = \"2\"\n");
const HELPER: (&str, &str) = (
    "helper-lib/Cargo.toml",
    "[package]\nname = \"helper-lib\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
);

const CASES: &[Case] = &[
    Case {
        name: "a_misspelt_folder_in_an_import",
        command: BUILD,
        files: BROKEN,
        error_type: "code.module_not_found",
        mended: ("build.mjs", "import { button } from './components/button.mjs';"),
    },
    Case {
        name: "a_required_file_that_was_moved",
        command: &["node", "build.cjs"],
        files: &[
            ("build.cjs", "const format = require('./lib/formatter');\nformat();\n"),
            ("shared/text/formatter.js", "module.exports = () => {};\n"),
        ],
        error_type: "code.module_not_found",
        mended: ("build.cjs", "const format = require('./shared/text/formatter');"),
    },
    Case {
        name: "a_misspelt_export",
        command: BUILD,
        files: &[
            (
                "build.mjs",
                "import {\n  buttn,\n} from './components/button.mjs';\nconsole.log(buttn);\n",
            ),
            ("components/button.mjs", "export const button = 1;\n"),
        ],
        error_type: "code.export_not_found",
        mended: ("build.mjs", "  button as buttn,"),
    },
    Case {
        name: "a_package_in_a_folder_of_the_project_that_is_not_declared",
        command: BUILD,
        files: UNDECLARED,
        error_type: "dep.missing",
        mended: ("package.json", "    \"tinylib\": \"file:vendor/tinylib\""),
    },
    Case {
        name: "a_package_that_is_declared_under_a_misspelt_name",
        command: BUILD,
        files: &[
            (
                "package.json",
                "{\n  \"dependencies\": {\n    \"tinylb\": \"file:vendor/tinylib\"\n  }\n}\n",
            ),
            UNDECLARED[1],
            UNDECLARED[2],
            UNDECLARED[3],
        ],
        error_type: "dep.missing",
        mended: ("package.json", "    \"tinylib\": \"file:vendor/tinylib\""),
    },
    Case {
        name: "a_declared_package_that_is_misspelt_in_an_import",
        command: BUILD,
        files: &[
            ("package.json", "{\n  \"dependencies\": { \"tinylib\": \"^1.0.0\" }\n}\n"),
            ("build.mjs", "import 'tinylbi';\n"),
            (
                "node_modules/tinylib/package.json",
                "{\"name\": \"tinylib\", \"version\": \"1.2.3\", \"main\": \"index.js\"}\n",
            ),
            ("node_modules/tinylib/index.js", "module.exports = 1;\n"),
        ],
        error_type: "dep.missing",
        mended: ("build.mjs", "import 'tinylib';"),
    },
    Case {
        name: "a_misspelt_python_module",
        command: PYTHON,
        files: &[
            ("build.py", "import helpres\nprint(helpres.greet())\n"),
            ("helpers.py", "def greet():\n    return 'hello'\n"),
        ],
        error_type: "code.module_not_found",
        mended: ("build.py", "import helpers as helpres"),
    },
    Case {
        name: "a_misspelt_relative_python_module",
        command: PYTHON,
        files: &[
            ("build.py", "import pkg.main\n"),
            ("pkg/__init__.py", ""),
            ("pkg/main.py", "from .txet import wrap\nwrap()\n"),
            ("pkg/text.py", "def wrap():\n    pass\n"),
        ],
        error_type: "code.module_not_found",
        mended: ("pkg/main.py", "from .text import wrap"),
    },
    Case {
        name: "a_misspelt_python_name",
        command: PYTHON,
        files: &[
            ("build.py", "from helpers import (\n    gret,\n)\n"),
            ("helpers.py", "def greet():\n    return 'hello'\n"),
        ],
        error_type: "code.export_not_found",
        mended: ("build.py", "    greet,"),
    },
    Case {
        name: "a_python_requirement_that_is_not_listed",
        command: PYTHON,
        files: &[
            ("build.py", PYTHON_BUILD),
            ("app.py", "from tinyfmt import wrap\nwrap()\n"),
            ("requirements.txt", ""),
            ("vendor/tinyfmt/pyproject.toml", "[project]\nname = \"tinyfmt\"\nversion = \"1\"\n"),
            ("vendor/tinyfmt/tinyfmt/__init__.py", "def wrap():\n    pass\n"),
        ],
        error_type: "code.module_not_found",
        mended: ("requirements.txt", "./vendor/tinyfmt"),
    },
    Case {
        name: "a_python_requirement_that_is_misspelt",
        command: PYTHON,
        files: &[
            ("build.py", PYTHON_BUILD),
            ("app.py", "from tinyfmt import wrap\nwrap()\n"),
            ("requirements.txt", "./vendor/tinyfmtt\n"),
            ("vendor/tinyfmt/pyproject.toml", "[project]\nname = \"tinyfmt\"\nversion = \"1\"\n"),
            ("vendor/tinyfmt/tinyfmt/__init__.py", "def wrap():\n    pass\n"),
        ],
        error_type: "code.module_not_found",
        mended: ("requirements.txt", "./vendor/tinyfmt"),
    },
    Case {
        name: "a_misspelt_rust_module",
        command: RUSTC,
        files: &[
            ("src/main.rs", "mod config;\nuse crate::confg::load;\nfn main() {\n    load();\n}\n"),
            ("src/config.rs", "pub fn load() {}\n"),
        ],
        error_type: "code.module_not_found",
        mended: ("src/main.rs", "use crate::config::load;"),
    },
    Case {
        name: "a_misspelt_rust_name",
        command: RUSTC,
        files: &[
            ("src/main.rs", "mod config;\nuse crate::config::laod;\nfn main() {\n    laod();\n}\n"),
            ("src/config.rs", "pub fn load() {}\npub struct Settings;\n"),
        ],
        error_type: "code.module_not_found",
        mended: ("src/main.rs", "use crate::config::load as laod;"),
    },
    Case {
        name: "a_misspelt_rust_module_file",
        command: RUSTC,
        files: &[
            ("src/main.rs", "mod confg;\nfn main() {}\n"),
            ("src/config.rs", "pub fn load() {}\n"),
        ],
        error_type: "code.module_not_found",
        mended: ("src/main.rs", "mod config;"),
    },
    Case {
        name: "a_crate_of_the_workspace_that_is_not_declared",
        command: CARGO,
        files: &[
            WORKSPACE,
            HELPER,
            ("helper-lib/src/lib.rs", "pub fn help() {}\n"),
            (
                "app/Cargo.toml",
                "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
            ),
            ("app/src/main.rs", "use helper_lib::help;\nfn main() {\n    help();\n}\n"),
        ],
        error_type: "dep.missing",
        mended: ("app/Cargo.toml", "helper-lib = { path = \"../helper-lib\" }"),
    },
    Case {
        name: "a_crate_that_is_declared_under_a_misspelt_name",
        command: CARGO,
        files: &[
            WORKSPACE,
            HELPER,
            ("helper-lib/src/lib.rs", "pub fn help() {}\n"),
            (
                "app/Cargo.toml",
                "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nhepler-lib = { path = \"../helper-lib\" }\n",
            ),
            ("app/src/main.rs", "use helper_lib::help;\nfn main() {\n    help();\n}\n"),
        ],
        error_type: "dep.not_found",
        mended: ("app/Cargo.toml", "helper-lib = { path = \"../helper-lib\" }"),
    },
];

#[tokio::test]
async fn each_recipe_turns_a_real_build_green_and_changes_its_one_file() {
    let world = world_with(|config| {
        config.limits.repairs_per_user_hour = 100;
    })
    .await;
    for case in CASES {
        let project = world.project(case.name, case.files);
        let before = project.state();
        let (id, events) = heal(&world.healing, &world.alice, project.request(case.command)).await;
        let name = case.name;
        assert_eq!(names(&events).last().unwrap(), "needs_approval", "{name}: {events:#?}");
        assert_eq!(project.state(), before, "{name}");
        let view = world.healing.get(&world.alice, id).await.unwrap();
        assert_eq!(view.error_type, case.error_type, "{name}");
        let branch = view.branch.unwrap();
        let (file, line) = case.mended;
        let changed = project.git(&["diff", "--name-only", "main", &branch]);
        assert_eq!(changed.trim(), file, "{name}");
        let text = project.show(&branch, file);
        assert!(text.lines().any(|found| found == line), "{name}: {text}");
    }
}

#[tokio::test]
async fn an_installed_package_is_carried_into_the_workspace_and_declared() {
    let world = world().await;
    let project = world.project("app", &UNDECLARED[..3]);
    project.write(".gitignore", "node_modules\n");
    project.commit("ignore");
    let installed = "{\"name\": \"tinylib\", \"version\": \"1.2.3\"}";
    project.write("node_modules/tinylib/package.json", installed);
    let mut request = project.request(BUILD);
    request.carry = vec!["node_modules".into()];
    let (id, events) = heal(&world.healing, &world.alice, request).await;
    assert_eq!(names(&events).last().unwrap(), "needs_approval", "{events:#?}");
    let view = world.healing.get(&world.alice, id).await.unwrap();
    let text = project.show(&view.branch.unwrap(), "package.json");
    assert!(text.contains("\"tinylib\": \"^1.2.3\""), "{text}");
    assert_eq!(project.read("node_modules/tinylib/package.json"), installed);
}

#[tokio::test]
async fn what_is_ambiguous_or_unproven_is_left_to_a_person_and_nothing_is_touched() {
    let world = world_with(|config| config.limits.repairs_per_user_hour = 100).await;
    let cases: &[(&str, &[&str], Files)] = &[
        (
            "two_files_could_be_meant",
            BUILD,
            &[
                ("build.mjs", "import './components/buttn.mjs';\n"),
                ("components/button.mjs", ""),
                ("components/buttin.mjs", ""),
            ],
        ),
        (
            "two_moved_files_could_be_meant",
            BUILD,
            &[
                ("build.mjs", "import './lib/formatter.mjs';\n"),
                ("a/formatter.mjs", ""),
                ("b/c/formatter.mjs", ""),
            ],
        ),
        (
            "a_package_that_only_the_import_names",
            BUILD,
            &[("package.json", "{\"name\": \"a\"}\n"), ("build.mjs", "import 'lodahs';\n")],
        ),
        (
            "a_python_package_that_only_the_import_names",
            PYTHON,
            &[("build.py", "import reqeusts\n"), ("requirements.txt", "")],
        ),
        (
            "a_crate_that_only_the_source_names",
            RUSTC,
            &[("src/main.rs", "use sered::Serialize;\nfn main() {}\n")],
        ),
        (
            "a_fault_of_another_kind",
            BUILD,
            &[("build.mjs", "throw new Error('DATABASE_URL is not set');\n")],
        ),
        (
            "an_import_that_leaves_the_project",
            BUILD,
            &[("build.mjs", "import '../../../outside/secret.mjs';\n"), ("outside/secret.mjs", "")],
        ),
    ];
    for (name, command, files) in cases {
        let project = world.project(name, files);
        let before = project.state();
        let (id, events) = heal(&world.healing, &world.alice, project.request(command)).await;
        let Some(HealEvent::Stopped { status, reasons }) = events.last() else {
            panic!("{name}: {events:#?}")
        };
        assert_eq!(*status, HealingStatus::NeedsHuman, "{name}: {reasons:?}");
        assert!(!reasons.is_empty());
        assert_eq!(project.state(), before, "{name}");
        assert_eq!(project.heal_branches(), Vec::<String>::new(), "{name}");
        let view = world.healing.get(&world.alice, id).await.unwrap();
        assert_eq!((view.status, view.branch), (HealingStatus::NeedsHuman, None), "{name}");
    }
}

/// Logs of tools that cannot run here: what would be done about them.
#[tokio::test]
async fn logs_of_bundlers_and_registries_lead_to_the_same_recipes() {
    let world = world().await;
    const LOCK: &str = r#"{"packages": {"": {"dependencies": {"left-pad": "^1.3.0"}}, "node_modules/left-pad": {"version": "1.3.0"}}}"#;
    let cases: &[(&str, Files, &str, Mended)] = &[
        (
            "next",
            &[
                ("tsconfig.json", "{ \"compilerOptions\": { \"paths\": { \"@/*\": [\"./*\"] } } }"),
                ("app/page.tsx", "import { db } from '@/lib/databse'\n"),
                ("lib/database.ts", "export const db = 1\n"),
            ],
            "./app/page.tsx\nModule not found: Can't resolve '@/lib/databse'\n",
            Some(("app/page.tsx", "import { db } from '@/lib/database'")),
        ),
        (
            "another_machine",
            &[
                ("src/a.ts", "import { b } from './componnets/b'\n"),
                ("src/components/b/index.ts", "export const b = 1\n"),
            ],
            "/vercel/path0/src/a.ts(1,19): error TS2307: Cannot find module './componnets/b' or its corresponding type declarations.\n",
            Some(("src/a.ts", "import { b } from './components/b'")),
        ),
        (
            "e404",
            &[
                (
                    "package.json",
                    "{\n  \"dependencies\": {\n    \"left-padd\": \"^1.3.0\"\n  }\n}\n",
                ),
                ("package-lock.json", LOCK),
            ],
            "npm error code E404\nnpm error 404  'left-padd@^1.3.0' is not in this registry.\n",
            Some(("package.json", "    \"left-pad\": \"^1.3.0\"")),
        ),
        (
            "etarget",
            &[
                (
                    "package.json",
                    "{\n  \"dependencies\": {\n    \"left-pad\": \"99.0.0\"\n  }\n}\n",
                ),
                ("package-lock.json", LOCK),
            ],
            "npm error code ETARGET\nnpm error notarget No matching version found for left-pad@99.0.0.\n",
            Some(("package.json", "    \"left-pad\": \"^1.3.0\"")),
        ),
        (
            "e404_without_proof",
            &[(
                "package.json",
                "{\n  \"dependencies\": {\n    \"left-padd\": \"^1.3.0\"\n  }\n}\n",
            )],
            "npm error code E404\nnpm error 404  'left-padd@^1.3.0' is not in this registry.\n",
            None,
        ),
    ];
    for (name, files, log, expected) in cases {
        let project = world.project(name, files);
        let request =
            DiagnoseRequest { folder: project.folder.to_str().unwrap().into(), log: (*log).into() };
        let view = world.healing.diagnose(&world.alice, &request).await.unwrap();
        let found = view.plans.first().map(|plan| {
            let edit = &plan.edits[0];
            (edit.path.as_str(), edit.insert[0].as_str())
        });
        assert_eq!(found, *expected, "{name}: {:?}", view.diagnosis);
        assert_eq!(view.plans.is_empty(), !view.diagnosis.needs_human.is_empty(), "{name}");
    }
}
