//! What keys do.

use super::model::{Model, Tab};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Whether the view goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It goes on.
    None,
    /// The user has seen enough.
    Quit,
}

/// Lines that a page key moves.
const PAGE: usize = 10;

pub(super) fn press(model: &mut Model, key: KeyEvent) -> Change {
    if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
        return Change::Quit;
    }
    if model.is_typing {
        match key.code {
            KeyCode::Enter => model.is_typing = false,
            KeyCode::Esc => {
                model.is_typing = false;
                model.filter.clear();
            }
            KeyCode::Backspace => {
                model.filter.pop();
            }
            KeyCode::Char(letter) => model.filter.push(letter),
            _ => {}
        }
        return Change::None;
    }
    match key.code {
        KeyCode::Char('q') => return Change::Quit,
        KeyCode::Esc => model.filter.clear(),
        KeyCode::Char('/') => model.is_typing = true,
        KeyCode::Char('p' | ' ') => model.is_paused = !model.is_paused,
        KeyCode::Char('s') => model.sort_by_next(),
        KeyCode::Char('r') => model.is_reversed = !model.is_reversed,
        KeyCode::Char('1') => model.show(Tab::Topics),
        KeyCode::Char('2') => model.show(Tab::Groups),
        KeyCode::Char('3') => model.show(Tab::Shards),
        KeyCode::Tab | KeyCode::Right => model.show_next(1),
        KeyCode::BackTab | KeyCode::Left => model.show_next(Tab::ALL.len() - 1),
        KeyCode::Down | KeyCode::Char('j') => model.scroll(|at| at + 1),
        KeyCode::Up | KeyCode::Char('k') => model.scroll(|at| at.saturating_sub(1)),
        KeyCode::PageDown => model.scroll(|at| at + PAGE),
        KeyCode::PageUp => model.scroll(|at| at.saturating_sub(PAGE)),
        KeyCode::Home | KeyCode::Char('g') => model.scroll(|_| 0),
        KeyCode::End | KeyCode::Char('G') => model.scroll(|_| usize::MAX),
        _ => {}
    }
    Change::None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_in(model: &mut Model, keys: &str) -> Change {
        keys.chars().fold(Change::None, |_, letter| {
            let code = match letter {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                letter => KeyCode::Char(letter),
            };
            press(model, KeyEvent::new(code, KeyModifiers::NONE))
        })
    }

    #[test]
    fn keys_choose_filter_pause_and_quit() {
        let mut model = Model::new("node".to_owned());
        assert_eq!(type_in(&mut model, "\tp/quit\n"), Change::None);
        assert_eq!((model.tab, model.is_paused, model.filter.as_str()), (Tab::Groups, true, "quit"));
        press(&mut model, KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
        assert_eq!(model.filter, "");
        assert_eq!(type_in(&mut model, "q"), Change::Quit);
        let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(press(&mut model, control_c), Change::Quit);
    }
}
