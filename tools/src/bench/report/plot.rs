//! Lines over an axis, as SVG.

use anyhow::{Result, anyhow};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::*;

const WIDTH: u32 = 820;
const HEIGHT: u32 = 340;

/// One run's points.
pub(super) struct Line {
    pub(super) points: Vec<(f64, f64)>,
}

/// What the axes measure.
#[derive(Clone, Copy)]
pub(super) struct Axes {
    pub(super) across: &'static str,
    pub(super) up: &'static str,
    pub(super) scale: Scale,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Both axes even, the upper beginning at zero.
    Even,
    /// The axis across by powers of ten.
    LogAcross,
    /// The axis up by powers of ten, the one across by nines: 90, 99, 99.9, ...
    NinesAcrossLogUp,
}

/// The colour of the run at this place, as in CSS.
pub(super) fn colour(at: usize) -> &'static str {
    const COLOURS: [&str; 8] =
        ["#1b6ca8", "#d1495b", "#2e8b57", "#edae49", "#6a4c93", "#00798c", "#8d6a4f", "#555555"];
    COLOURS[at % COLOURS.len()]
}

fn rgb(at: usize) -> RGBColor {
    let colour = u32::from_str_radix(&colour(at)[1..], 16).unwrap_or(0);
    RGBColor((colour >> 16) as u8, (colour >> 8) as u8, colour as u8)
}

/// An SVG element with all lines; none if there is nothing to draw.
pub(super) fn draw(lines: &[Line], axes: Axes) -> Result<Option<String>> {
    let across = |value: f64| match axes.scale {
        Scale::Even => value,
        Scale::LogAcross => value.max(0.1).log10(),
        Scale::NinesAcrossLogUp => nines(value),
    };
    let up = |value: f64| if axes.scale == Scale::NinesAcrossLogUp { value.max(0.1).log10() } else { value };
    let lines: Vec<Vec<(f64, f64)>> =
        lines.iter().map(|line| line.points.iter().map(|&(x, y)| (across(x), up(y))).collect()).collect();
    let all = || lines.iter().flatten();
    if all().count() < 2 {
        return Ok(None);
    }
    let least = |of: fn(&(f64, f64)) -> f64| all().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&(f64, f64)) -> f64| all().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (left, right) = (least(|point| point.0), most(|point| point.0));
    let bottom = if axes.scale == Scale::NinesAcrossLogUp { least(|point| point.1).floor() } else { 0.0 };
    let top = most(|point| point.1);
    let top = if axes.scale == Scale::NinesAcrossLogUp { top.ceil() } else { top * 1.08 };
    let mut svg = String::new();
    {
        let failed = |error: DrawingAreaErrorKind<_>| anyhow!("cannot draw: {error:?}");
        let root = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(70)
            .build_cartesian_2d(
                Axis::new(left, right.max(left + 1e-9), axes.scale != Scale::Even),
                Axis::new(bottom, top.max(bottom + 1e-9), axes.scale == Scale::NinesAcrossLogUp),
            )
            .map_err(failed)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(axes.across)
            .y_desc(axes.up)
            .x_label_formatter(&|value| match axes.scale {
                Scale::Even => number(*value),
                Scale::LogAcross => micros(10f64.powf(*value)),
                Scale::NinesAcrossLogUp => percent(*value),
            })
            .y_label_formatter(&|value| match axes.scale {
                Scale::NinesAcrossLogUp => micros(10f64.powf(*value)),
                _ => number(*value),
            })
            .draw()
            .map_err(failed)?;
        for (at, line) in lines.into_iter().enumerate() {
            chart.draw_series(LineSeries::new(line, rgb(at).stroke_width(2))).map_err(failed)?;
        }
        root.present().map_err(failed)?;
    }
    Ok(Some(svg))
}

/// An axis whose labels stand at whole numbers where `is_whole`: powers of ten, or nines.
struct Axis {
    from: f64,
    to: f64,
    is_whole: bool,
}

impl Axis {
    fn new(from: f64, to: f64, is_whole: bool) -> Axis {
        Axis { from, to, is_whole }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.from) / (self.to - self.from);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        let step = if self.is_whole {
            1.0
        } else {
            even_step((self.to - self.from) / hint.max_num_points().clamp(2, 8) as f64)
        };
        let first = (self.from / step).ceil() as i64;
        let last = (self.to / step).floor() as i64;
        (first..=last).map(|at| at as f64 * step).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(value: &f64) -> String {
        number(*value)
    }
}

/// The next of 1, 2, 5 times a power of ten.
fn even_step(least: f64) -> f64 {
    let power = 10f64.powf(least.max(1e-12).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= least)
        .unwrap_or(power * 10.0)
}

/// How many nines a percentile has: 0 for 0, 1 for 90, 2 for 99.
fn nines(percentile: f64) -> f64 {
    -(1.0 - percentile.min(99.9999) / 100.0).log10()
}

fn percent(nines: f64) -> String {
    let percent = 100.0 * (1.0 - 10f64.powf(-nines));
    let text = format!("{percent:.4}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

fn micros(value: f64) -> String {
    match value {
        _ if value >= 1e6 => format!("{} s", number(value / 1e6)),
        _ if value >= 1e3 => format!("{} ms", number(value / 1e3)),
        _ => format!("{} us", number(value)),
    }
}

fn number(value: f64) -> String {
    let text = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_on_an_axis_of_nines() {
        for (percentile, place) in [(0.0, 0.0), (90.0, 1.0), (99.0, 2.0), (99.9, 3.0)] {
            assert!((nines(percentile) - place).abs() < 1e-9);
        }
        assert!(nines(100.0).is_finite());
        assert_eq!(percent(3.0), "99.9 %");
        assert_eq!(percent(0.0), "0 %");
    }

    #[test]
    fn steps_are_round_numbers() {
        for (least, step) in [(0.3, 0.5), (1.0, 1.0), (1.1, 2.0), (37.0, 50.0), (60.0, 100.0)] {
            assert!((even_step(least) - step).abs() < 1e-9, "{least}");
        }
        assert_eq!([number(0.5), number(12.0), number(1234.6)], ["0.5", "12", "1235"]);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let axes = Axes { across: "s", up: "MB/s", scale: Scale::Even };
        assert!(draw(&[], axes).unwrap().is_none());
        assert!(draw(&[Line { points: vec![(0.0, 1.0)] }], axes).unwrap().is_none());
    }
}
