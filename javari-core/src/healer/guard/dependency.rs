//! Which files say what a project depends on.

/// Manifests and lock files by their whole name, in lower case.
const NAMES: &[&str] = &[
    // JavaScript
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-workspace.yaml",
    "pnpm-lock.yaml",
    "bower.json",
    "deno.json",
    "deno.jsonc",
    "jsr.json",
    ".pnpmfile.cjs",
    ".yarnrc",
    ".yarnrc.yml",
    // Rust
    "cargo.toml",
    // Python
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "pipfile",
    "uv.toml",
    "pip.conf",
    "environment.yml",
    "environment.yaml",
    // Go
    "go.mod",
    "go.sum",
    "go.work",
    "go.work.sum",
    // Ruby, PHP
    "gemfile",
    "gems.rb",
    "composer.json",
    // Java and its family
    "pom.xml",
    "libs.versions.toml",
    "build.sbt",
    "build.xml",
    // .NET
    "packages.config",
    "nuget.config",
    "directory.packages.props",
    "directory.build.props",
    // Others
    "package.swift",
    "package.resolved",
    "podfile",
    "cartfile",
    "mix.exs",
    "rebar.config",
    "pubspec.yaml",
    "conanfile.txt",
    "conanfile.py",
    "vcpkg.json",
    "module.bazel",
    "workspace",
    "workspace.bazel",
    "flake.nix",
];

/// Manifests and lock files by the end of their name.
const ENDS: &[&str] = &[
    ".lock",
    ".lockb",
    ".lockfile",
    ".gradle",
    ".gradle.kts",
    ".gemspec",
    ".podspec",
    ".csproj",
    ".fsproj",
    ".vbproj",
    ".sbt",
    ".cabal",
    ".nimble",
    ".rockspec",
];

/// Whether a change of this file may change what the project depends on.
pub(super) fn declares_dependencies(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let stem = name.split('.').next().unwrap_or_default();
    let is_list = name.ends_with(".txt") || name.ends_with(".in");
    // `requirements-dev.txt`, and `dev.txt` in a folder `requirements`.
    let in_requirements = folder.rsplit('/').next() == Some("requirements");
    NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || stem.split(['-', '_']).any(|word| matches!(word, "lock" | "lockfile"))
        || (is_list && (in_requirements || stem.contains("requirements")))
        || (is_list && stem.contains("constraints"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_and_lock_files_are_known_in_every_folder_and_case() {
        for path in [
            "package.json",
            "apps/web/package.json",
            "Cargo.toml",
            "crates/a/CARGO.TOML",
            "Cargo.lock",
            "requirements.txt",
            "requirements-dev.txt",
            "dev_requirements.txt",
            "requirements/base.in",
            "constraints.txt",
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
            "Pipfile",
            "Pipfile.lock",
            "go.mod",
            "go.sum",
            "Gemfile",
            "Gemfile.lock",
            "pom.xml",
            "build.gradle",
            "app/build.gradle.kts",
            "package-lock.json",
            "pnpm-lock.yaml",
            "yarn.lock",
            "bun.lockb",
            "composer.json",
            "src/App.csproj",
        ] {
            assert!(declares_dependencies(path), "{path}");
        }
    }

    #[test]
    fn other_files_are_not_taken_for_manifests() {
        for path in [
            "src/main.rs",
            "src/clock.rs",
            "src/block-size.ts",
            "docs/requirements.md",
            "package.json/x.ts",
            "src/unlock.py",
            "notes.txt",
            "",
        ] {
            assert!(!declares_dependencies(path), "{path}");
        }
    }
}
