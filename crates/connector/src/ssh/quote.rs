//! From an argument vector to the one text that SSH carries (RFC 4254 §6.5), so that a POSIX
//! shell at the other end makes the same vector of it again.

/// Longest command, in bytes; OpenSSH takes more, no manifest needs it.
const COMMAND_BYTES_MAX: usize = 16 * 1024;

/// The command line of `argv`, every argument in single quotes.
pub(crate) fn command(argv: &[String]) -> Result<String, String> {
    let quoted: Vec<String> =
        argv.iter().map(|argument| quote(argument)).collect::<Result<_, _>>()?;
    let command = quoted.join(" ");
    if command.len() > COMMAND_BYTES_MAX {
        return Err("the command is longer than 16 KiB".to_owned());
    }
    Ok(command)
}

/// One argument. Control characters are refused: NUL ends a string, a line end may end a command.
fn quote(argument: &str) -> Result<String, String> {
    if argument.chars().any(char::is_control) {
        return Err("an argument holds a control character (NUL, line end or the like)".to_owned());
    }
    Ok(format!("'{}'", argument.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_gives_the_same_arguments_back() {
        let hostile = [
            "plain",
            "",
            " ",
            "'",
            "''",
            "a'b",
            "$(id)",
            "`id`",
            "; rm -rf /",
            "\\",
            "\\'",
            "\"x\"",
            "$HOME",
            "*",
            "~",
            "!1",
            "-n",
            "a b",
            "ü",
            "#",
            "{ 1.2.3.4 timeout 60s }",
            "%s",
            "&&",
        ];
        let argv: Vec<String> = hostile.iter().map(|&text| text.to_owned()).collect();
        let line = format!("printf '%s\\n' {}", command(&argv).unwrap());
        #[expect(clippy::disallowed_methods, reason = "the test asks a real shell")]
        let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
        let lines: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().split('\n').collect();
        assert_eq!(lines, [&hostile[..], &[""]].concat());
    }

    #[test]
    fn what_would_end_a_string_or_a_line_is_refused() {
        for argument in ["a\0b", "a\nb", "a\rb", "\u{1b}[2J"] {
            assert!(command(&["echo".to_owned(), argument.to_owned()]).is_err(), "{argument:?}");
        }
        assert!(command(&["x".repeat(20_000)]).is_err());
    }
}
