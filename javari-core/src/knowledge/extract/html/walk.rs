//! Walks a tree of elements without recursion and writes its text block by block.

use dom_query::{NodeData, NodeRef};

use super::super::{BlockKind, draft::Draft};

/// Attribute that notes the level a heading had before the page was analysed.
pub(super) const LEVEL: &str = "data-level";

enum Step<'a> {
    Enter(NodeRef<'a>),
    Leave(Role),
}

/// What an element does to the text around and inside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Inline,
    /// Ends the block before it and is one.
    Block,
    Heading(u8),
    List {
        ordered: bool,
    },
    Item,
    Table,
    Row,
    Cell,
    Quote,
    Code,
}

/// Writes everything below `root` into `draft`.
pub(super) fn write(root: &NodeRef<'_>, draft: &mut Draft) {
    let mut writer =
        Writer { draft, text: String::new(), lists: Vec::new(), tables: 0, quotes: 0, codes: 0 };
    let mut steps = vec![Step::Enter(*root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Leave(role) => writer.leave(role),
            Step::Enter(node) => {
                if let Some(words) = words_of(&node) {
                    writer.words(&words);
                    continue;
                }
                let role = role_of(&node, &writer);
                let is_break = node.node_name().as_deref() == Some("br");
                if is_break {
                    writer.break_line();
                }
                writer.enter(role);
                steps.push(Step::Leave(role));
                steps.extend(node.children_it(true).map(Step::Enter));
            }
        }
        if writer.draft.is_full() {
            return;
        }
    }
    writer.end_block(BlockKind::Paragraph);
}

/// The number of elements above the deepest node.
pub(super) fn depth(root: &NodeRef<'_>) -> usize {
    let mut deepest = 0;
    let mut open = vec![(*root, 0_usize)];
    while let Some((node, depth)) = open.pop() {
        deepest = deepest.max(depth);
        open.extend(node.children_it(false).map(|child| (child, depth + 1)));
    }
    deepest
}

fn words_of(node: &NodeRef<'_>) -> Option<String> {
    node.query(|node| match &node.data {
        NodeData::Text { contents } => Some(contents.to_string()),
        _ => None,
    })
    .flatten()
}

fn role_of(node: &NodeRef<'_>, writer: &Writer<'_>) -> Role {
    let Some(name) = node.node_name() else { return Role::Inline };
    if let [b'h', digit @ b'1'..=b'6'] = name.as_ref().as_bytes() {
        let noted = node.attr(LEVEL).and_then(|level| level.parse().ok());
        return Role::Heading(
            noted.filter(|level| (1..=6).contains(level)).unwrap_or(digit - b'0'),
        );
    }
    match name.as_ref() {
        "ul" | "menu" => Role::List { ordered: false },
        "ol" => Role::List { ordered: true },
        "li" if !writer.lists.is_empty() => Role::Item,
        "table" if writer.tables > 0 || is_data(node) => Role::Table,
        "tr" if writer.tables > 0 => Role::Row,
        "td" | "th" if writer.tables > 0 => Role::Cell,
        "pre" => Role::Code,
        "blockquote" => Role::Quote,
        "p" | "div" | "section" | "article" | "main" | "header" | "footer" | "body" | "html"
        | "table" | "tr" | "td" | "th" | "caption" | "dl" | "dt" | "dd" | "figure"
        | "figcaption" | "details" | "summary" | "form" | "fieldset" | "address" | "hr" | "li"
        | "hgroup" | "center" | "nav" | "aside" => Role::Block,
        _ => Role::Inline,
    }
}

/// Whether a table holds data; one that holds headings or other tables lays out the page.
fn is_data(table: &NodeRef<'_>) -> bool {
    table.descendants_it().all(|node| {
        let name = node.node_name();
        !matches!(name.as_deref(), Some("table" | "h1" | "h2" | "h3" | "h4" | "ul" | "pre"))
    })
}

struct Writer<'a> {
    draft: &'a mut Draft,
    text: String,
    /// The open lists: the number of the next item, or nothing for bullets.
    lists: Vec<Option<usize>>,
    tables: usize,
    quotes: usize,
    codes: usize,
}

impl Writer<'_> {
    fn enter(&mut self, role: Role) {
        match role {
            Role::Inline => {}
            Role::Block => self.separate(),
            Role::Heading(_) => self.end_block(self.surrounding()),
            Role::List { ordered } => {
                if self.lists.is_empty() && self.tables == 0 {
                    self.end_block(self.surrounding());
                }
                self.lists.push(ordered.then_some(1));
            }
            Role::Item => {
                self.break_line();
                let indent = self.lists.len().saturating_sub(1).min(16) * 2;
                self.text.extend(std::iter::repeat_n(' ', indent));
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        self.text.push_str(&format!("{number}. "));
                        *number += 1;
                    }
                    _ => self.text.push_str("- "),
                }
            }
            Role::Table => {
                if self.tables == 0 && self.lists.is_empty() {
                    self.end_block(self.surrounding());
                }
                self.tables += 1;
            }
            Role::Row => self.break_line(),
            Role::Cell => {
                if !self.text.is_empty() && !self.text.ends_with('\n') {
                    self.text.push_str(" | ");
                }
            }
            Role::Quote => {
                self.separate();
                self.quotes += 1;
            }
            Role::Code => {
                if self.is_plain() {
                    self.end_block(self.surrounding());
                } else {
                    self.break_line();
                }
                self.codes += 1;
            }
        }
    }

    fn leave(&mut self, role: Role) {
        match role {
            Role::Inline | Role::Row | Role::Cell => {}
            Role::Block | Role::Item => self.separate(),
            Role::Heading(level) => self.end_block(BlockKind::Heading { level }),
            Role::List { .. } => {
                if self.lists.len() == 1 && self.tables == 0 {
                    self.end_block(BlockKind::List);
                }
                self.lists.pop();
            }
            Role::Table => {
                if self.tables == 1 && self.lists.is_empty() {
                    self.end_block(BlockKind::Table);
                }
                self.tables = self.tables.saturating_sub(1);
            }
            Role::Quote => {
                self.separate();
                self.quotes = self.quotes.saturating_sub(1);
            }
            Role::Code => {
                if self.is_plain() {
                    self.end_block(BlockKind::Code);
                }
                self.codes = self.codes.saturating_sub(1);
            }
        }
    }

    /// Whether blocks inside stand for themselves, which they do not in a list or a table.
    fn is_plain(&self) -> bool {
        self.lists.is_empty() && self.tables == 0
    }

    fn surrounding(&self) -> BlockKind {
        if self.tables > 0 {
            BlockKind::Table
        } else if !self.lists.is_empty() {
            BlockKind::List
        } else if self.quotes > 0 {
            BlockKind::Quote
        } else {
            BlockKind::Paragraph
        }
    }

    /// Between two blocks: a new block, or inside a list or a table a gap between words.
    fn separate(&mut self) {
        if self.codes > 0 {
            self.break_line();
        } else if self.is_plain() {
            self.end_block(self.surrounding());
        } else {
            self.gap();
        }
    }

    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
    }

    fn break_line(&mut self) {
        if self.tables > 0 && self.lists.is_empty() && self.text.ends_with(" | ") {
            return;
        }
        let kept = self.text.trim_end_matches([' ', '\t']).len();
        if self.codes == 0 {
            self.text.truncate(kept);
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn words(&mut self, words: &str) {
        if self.codes > 0 {
            self.text.push_str(words);
            return;
        }
        if words.starts_with(char::is_whitespace) {
            self.gap();
        }
        for (index, word) in words.split_whitespace().enumerate() {
            if index > 0 {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
        if words.ends_with(char::is_whitespace) {
            self.gap();
        }
    }

    fn end_block(&mut self, kind: BlockKind) {
        let text = std::mem::take(&mut self.text);
        match kind {
            BlockKind::Heading { .. } => self.draft.block(kind, &text.replace('\n', " ")),
            _ => self.draft.block(kind, &text),
        }
    }
}
