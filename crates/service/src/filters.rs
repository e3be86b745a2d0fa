//! EC2's filters: names with lists of values, wildcards, all filters must hold, one value of each suffices.
//!
//! A resource kind gives a table of fields, `(filter name, what the item has under it)`; the rest is here. `tag:KEY` and `tag-key` work for
//! everything that has tags.

use serde::Deserialize;

use crate::tags::Tag;
use crate::{ApiError, Shaped};

/// One filter of a request.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Filter {
    pub name: Option<String>,
    pub values: Option<Vec<String>>,
}

/// Collects the texts an item has under a filter name.
#[derive(Debug, Default)]
pub struct Values(Vec<String>);

impl Values {
    /// One text.
    pub fn push(&mut self, text: impl Into<String>) {
        self.0.push(text.into());
    }

    /// A text, if there is one.
    pub fn push_if(&mut self, text: Option<impl Into<String>>) {
        self.0.extend(text.map(Into::into));
    }

    /// `true` or `false`.
    pub fn push_bool(&mut self, value: bool) {
        self.push(if value { "true" } else { "false" });
    }
}

/// A filter name and what an item has under it.
pub type Field<T> = (&'static str, fn(&T, &mut Values));

/// What filters can be asked of a kind.
pub struct Fields<T: 'static> {
    pub fields: &'static [Field<T>],
    /// The item's tags, for `tag:KEY`, `tag-key` (and the old `tag-value`).
    pub tags: Option<fn(&T) -> &[Tag]>,
}

/// Filters whose names were found.
pub struct Chosen<'a, T: 'static> {
    wanted: Vec<(Test<T>, &'a [String])>,
    tags: Option<fn(&T) -> &[Tag]>,
}

/// Collects what an item has under one filter name.
pub type Collect<T> = Box<dyn Fn(&T, &mut Values)>;

enum Test<T> {
    Field(Collect<T>),
    Tag(String),
    TagKey,
    TagValue,
}

impl<T> Fields<T> {
    /// Looks the names up.
    pub fn choose<'a>(&self, filters: Option<&'a [Filter]>) -> Result<Chosen<'a, T>, ApiError> {
        let find = |name: &str| self.fields.iter().find(|(known, _)| *known == name);
        Chosen::new(filters, self.tags, |name| find(name).map(|(_, field)| Box::new(*field) as Collect<T>))
    }
}

impl<'a, T> Chosen<'a, T> {
    /// The filters, by what `find` knows of their names. An unknown one is InvalidParameterValue, as EC2 answers (its documentation says
    /// InvalidFilter).
    pub fn new(
        filters: Option<&'a [Filter]>,
        tags: Option<fn(&T) -> &[Tag]>,
        find: impl Fn(&str) -> Option<Collect<T>>,
    ) -> Result<Chosen<'a, T>, ApiError> {
        must_be_few(filters.unwrap_or_default())?;
        must_be_short(filters.unwrap_or_default())?;
        let mut wanted = Vec::new();
        for filter in filters.unwrap_or_default() {
            let name = filter.name.as_deref().unwrap_or_default();
            let field = find(name).map(Test::Field);
            let test = field.or_else(|| tags.and_then(|_| tag_test(name))).ok_or_else(|| unknown(name))?;
            let values = filter.values.as_deref().unwrap_or_default();
            if values.is_empty() {
                return Err(ApiError::new("InvalidParameterValue", "The filter 'null' is invalid")
                    .because("a filter without values"));
            }
            wanted.push((test, values));
        }
        Ok(Chosen { wanted, tags })
    }

    /// Whether the item passes all filters.
    pub fn admit(&self, item: &T) -> bool {
        self.wanted.iter().all(|(test, wanted)| {
            let mut have = Values::default();
            self.collect(test, item, &mut have);
            have.0.iter().any(|text| wanted.iter().any(|pattern| glob(pattern, text)))
        })
    }

    fn collect(&self, test: &Test<T>, item: &T, have: &mut Values) {
        let tags = self.tags.map(|tags| tags(item)).unwrap_or_default();
        match test {
            Test::Field(field) => field(item, have),
            Test::Tag(key) => tags.iter().filter(|tag| tag.key == *key).for_each(|tag| have.push(tag.value.as_str())),
            Test::TagKey => tags.iter().for_each(|tag| have.push(tag.key.as_str())),
            Test::TagValue => tags.iter().for_each(|tag| have.push(tag.value.as_str())),
        }
    }
}

/// The values of a filter that can be looked up directly (no wildcard), e.g. to use an index; `None` when the filter is absent or has a wildcard.
pub fn exact<'a>(filters: Option<&'a [Filter]>, name: &str) -> Option<&'a [String]> {
    let filter = filters?.iter().find(|filter| filter.name.as_deref() == Some(name))?;
    let values = filter.values.as_deref()?;
    values.iter().all(|value| !value.contains(['*', '?', '\\'])).then_some(values)
}

fn tag_test<T>(name: &str) -> Option<Test<T>> {
    match name {
        "tag-key" => Some(Test::TagKey),
        "tag-value" => Some(Test::TagValue),
        _ => name.strip_prefix("tag:").map(|key| Test::Tag(key.to_owned())),
    }
}

/// How many values all filters of a call may have together. The code and text are AWS's, quoted in
/// <https://github.com/gjbae1212/gossm/issues/47> and <https://github.com/apache/druid/pull/1954>.
const MOST_VALUES: usize = 200;

fn must_be_few(filters: &[Filter]) -> Result<(), ApiError> {
    let values: usize = filters.iter().filter_map(|filter| filter.values.as_ref()).map(Vec::len).sum();
    if values <= MOST_VALUES {
        return Ok(());
    }
    let message = format!("The maximum number of filter values specified on a single call is {MOST_VALUES}");
    Err(ApiError::new("FilterLimitExceeded", message))
}

/// How many characters a value may have. The code and text are AWS's, quoted in <https://github.com/pulumi/pulumi-aws/issues/931> and
/// <https://github.com/ansible/ansible/issues/84327>.
const LONGEST_VALUE: usize = 255;

fn must_be_short(filters: &[Filter]) -> Result<(), ApiError> {
    let mut values = filters.iter().filter_map(|filter| filter.values.as_ref()).flatten();
    if values.all(|value| value.chars().count() <= LONGEST_VALUE) {
        return Ok(());
    }
    let message = format!("The maximum length for a filter value is {LONGEST_VALUE} characters");
    Err(ApiError::new("FilterLimitExceeded", message))
}

fn unknown(name: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("The filter '{name}' is invalid"))
}

/// EC2's wildcards: `*` any run, `?` any one character, `\` takes the next one literally. Case counts.
pub fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<Piece> = pieces(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Piece::Run) => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(piece) if piece.takes(text.get(t)) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|piece| matches!(piece, Piece::Run))
}

enum Piece {
    Run,
    One,
    This(char),
}

impl Piece {
    fn takes(&self, character: Option<&char>) -> bool {
        match self {
            Piece::Run => false,
            Piece::One => character.is_some(),
            Piece::This(wanted) => character == Some(wanted),
        }
    }
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut characters = pattern.chars();
    let mut pieces = Vec::with_capacity(pattern.len());
    while let Some(character) = characters.next() {
        pieces.push(match character {
            '*' => Piece::Run,
            '?' => Piece::One,
            '\\' => Piece::This(characters.next().unwrap_or('\\')),
            other => Piece::This(other),
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        let cases = [
            ("abc", "abc", true),
            ("abc", "Abc", false),
            ("a*", "a", true),
            ("*c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*f", "abcde", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a\\*c", "a*c", true),
            ("a\\*c", "abc", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**", "x", true),
            ("ü?", "üß", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
        }
    }

    struct Thing {
        id: &'static str,
        tags: Vec<Tag>,
    }

    static FIELDS: Fields<Thing> =
        Fields { fields: &[("thing-id", |thing, values| values.push(thing.id))], tags: Some(|thing| &thing.tags) };

    fn admit(filters: &[(&str, &[&str])]) -> Result<bool, String> {
        let filters: Vec<Filter> = filters
            .iter()
            .map(|(name, values)| Filter {
                name: Some((*name).into()),
                values: Some(values.iter().map(|v| (*v).into()).collect()),
            })
            .collect();
        let thing = Thing { id: "t-1", tags: vec![Tag::new("Name", "web"), Tag::new("env", "")] };
        let chosen = FIELDS.choose(Some(&filters)).map_err(ApiError::into_message)?;
        Ok(chosen.admit(&thing))
    }

    #[test]
    fn a_value_has_its_length() {
        let (longest, longer) = ("ü".repeat(255), "x".repeat(256));
        assert_eq!(admit(&[("thing-id", &[&longest, "t-1"])]), Ok(true));
        let refused = "The maximum length for a filter value is 255 characters";
        assert_eq!(admit(&[("thing-id", &["t-1", &longer])]), Err(refused.to_owned()));
    }

    #[test]
    fn values_are_counted_over_all_filters() {
        let (half, more) = (["t-1"; 100], ["t-1"; 101]);
        assert_eq!(admit(&[("thing-id", &half), ("thing-id", &half)]), Ok(true));
        let refused = "The maximum number of filter values specified on a single call is 200";
        assert_eq!(admit(&[("thing-id", &half), ("thing-id", &more)]), Err(refused.into()));
    }

    #[test]
    fn filters_are_anded_and_values_ored() {
        assert_eq!(admit(&[]), Ok(true));
        assert_eq!(admit(&[("thing-id", &["x", "t-1"])]), Ok(true));
        assert_eq!(admit(&[("thing-id", &["t-1"]), ("tag:Name", &["db"])]), Ok(false));
        assert_eq!(admit(&[("tag:Name", &["w*"])]), Ok(true));
        assert_eq!(admit(&[("tag-key", &["env"])]), Ok(true));
        assert_eq!(admit(&[("tag:env", &[""])]), Ok(true));
        assert_eq!(admit(&[("nothing", &["x"])]), Err("The filter 'nothing' is invalid".into()));
    }
}
