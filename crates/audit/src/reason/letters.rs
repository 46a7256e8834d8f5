//! The normal form of a text before rules see it.

/// Small ASCII letters, single blanks, one kind of dash; what is not ASCII becomes `_` where it
/// is a letter (so that no word is found inside a longer one) and `~` where it is not.
pub(super) fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    for letter in text.chars() {
        let Some(letter) = plain(letter) else { continue };
        if letter != ' ' || !(normal.is_empty() || normal.ends_with(' ')) {
            normal.push(letter);
        }
    }
    normal.truncate(normal.trim_end().len());
    normal
}

/// One letter of the normal form; none for what cannot be seen.
fn plain(letter: char) -> Option<char> {
    Some(match letter {
        '_' => ' ',
        _ if letter.is_ascii_graphic() => letter.to_ascii_lowercase(),
        // Soft hyphens, joiners and marks of direction or byte order come with copied text.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => return None,
        _ if letter.is_whitespace() || letter.is_control() => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' => '\'',
        // Blocks and bullets are put over a text as stars are.
        '\u{2022}' | '\u{2580}'..='\u{25ff}' => '#',
        // An accent that stands by itself belongs to the letter before it.
        '\u{300}'..='\u{36f}' => '_',
        _ if letter.is_alphanumeric() => '_',
        _ => '~',
    })
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn texts_have_one_form() {
        let cases = [
            ("  ICE\u{a0}\t WARRANT\r\n", "ice warrant"),
            ("_patrol", "patrol"),
            ("245 \u{2013} x", "245 - x"),
            ("polic\u{301}e \u{e9}ice", "polic_e _ice"),
            ("\u{feff}I\u{200b}CE", "ice"),
            ("\u{2588}\u{2588}", "##"),
            ("\u{a7} 5", "~ 5"),
            ("", ""),
        ];
        for (text, form) in cases {
            assert_eq!(normal(text), form, "{text:?}");
        }
    }
}
