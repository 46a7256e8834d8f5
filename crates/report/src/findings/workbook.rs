//! The leads as a workbook, to sort, filter and note in.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use audit::finding::{Finding, FoundRow};
use audit::leads::Leads;
use audit::run::Audit;
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet,
    XlsxError,
};

use super::{About, COLUMNS, Cell, DISPOSITIONS, cells, counted, failed};
use crate::Error;

/// The most letters of a cell: a spreadsheet has no more than 32,767 units of UTF-16.
const LETTERS: usize = 16_000;

/// The most rows of a sheet, its headings among them.
const ROWS: u32 = 1 << 20;

const OF_ROWS: [&str; 7] = ["finding", "time", "file", "sha256", "row", "line", "reason"];
const OF_FILES: [&str; 6] = ["file", "sha256", "layout", "rows", "used", "rejected"];

/// The leads, the rows of each, the files, and what became of their rows: a sheet each; private.
/// The same audit gives the same bytes. The sheets wait in files of no name in the folder, so that
/// they are never in memory.
///
/// # Errors
/// Leads that cannot be told, a disk that fails.
pub fn workbook(
    audit: &Audit,
    leads: &Leads<'_>,
    about: &About,
    folder: &Path,
    out: &mut (dyn Write + Send),
) -> Result<(), Error> {
    // Where a sheet cannot be put away, the library panics.
    let written = || written(audit, leads, about, folder, out);
    let written = catch_unwind(AssertUnwindSafe(written)).unwrap_or_else(|_| {
        Err(format!("a sheet cannot wait in `{}`; is the disk full?", folder.display()).into())
    });
    written.map_err(|error| failed(format!("a workbook: {error}")))
}

fn written(
    audit: &Audit,
    leads: &Leads<'_>,
    about: &About,
    folder: &Path,
    out: &mut (dyn Write + Send),
) -> Result<(), Box<dyn std::error::Error>> {
    let mut book = Workbook::new();
    // Without a day of its own it would have that of its making.
    let day = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&day));
    book.set_tempdir(folder)?;
    let mut of_leads = Sheet::new(&mut book, "Leads", &COLUMNS)?;
    let mut of_rows = Sheet::new(&mut book, "Rows", &OF_ROWS)?;
    for lead in leads.iter() {
        let lead = lead?;
        of_leads.row(&cells(&lead))?;
        for row in &lead.rows {
            of_rows.row(&of_row(&lead, row, about))?;
        }
    }
    of_leads.choose("disposition", &DISPOSITIONS)?;
    let mut files = Sheet::new(&mut book, "Files", &OF_FILES)?;
    for (file, name) in audit.files.iter().zip(&about.files) {
        let texts = [name, &file.sha256, &file.layout].map(|text| Cell::Text(text.clone()));
        let numbers = [file.rows, file.made, file.rejected_rows].map(Cell::Number);
        files.row(&[texts, numbers].concat())?;
    }
    let mut totals = Sheet::new(&mut book, "Totals", &["what", "rows"])?;
    for (what, number) in counted(audit) {
        totals.row(&[Cell::Text(what.to_owned()), Cell::Number(number)])?;
    }
    for sheet in [of_leads, of_rows, files, totals] {
        book.push_worksheet(sheet.ended()?);
    }
    Ok(book.save_to_writer(out)?)
}

fn of_row(finding: &Finding, row: &FoundRow, about: &About) -> [Cell; 7] {
    let file = row.file.checked_sub(1).and_then(|at| about.files.get(at));
    [
        Cell::Text(finding.id.clone()),
        Cell::Text(row.time.clone()),
        Cell::Text(file.cloned().unwrap_or_default()),
        Cell::Text(row.sha256.to_string()),
        Cell::Number(row.row.into()),
        Cell::Number(row.line.into()),
        Cell::Text(row.reason.as_deref().unwrap_or_default().to_owned()),
    ]
}

/// A sheet that is being filled, row by row.
struct Sheet<'a> {
    sheet: Worksheet,
    heads: &'a [&'a str],
    next: u32,
    /// How texts and numbers look.
    wrapped: Format,
    top: Format,
}

impl<'a> Sheet<'a> {
    fn new(book: &mut Workbook, name: &str, heads: &'a [&'a str]) -> Result<Self, XlsxError> {
        let mut sheet = book.new_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for (column, head) in (0..).zip(heads) {
            sheet.write_string_with_format(0, column, *head, &Format::new().set_bold())?;
            sheet.set_column_width(column, width(head))?;
        }
        let top = Format::new().set_align(FormatAlign::Top);
        Ok(Self { sheet, heads, next: 1, wrapped: top.clone().set_text_wrap(), top })
    }

    /// Adds a row; where the sheet is full, its last row says so.
    fn row(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        let last = ROWS.saturating_sub(1);
        if self.next == last {
            let full = "A sheet has no more rows; everything is in findings.csv and audit.json.";
            self.sheet.write_string(last, 0, full)?;
        }
        let row = self.next;
        self.next = self.next.saturating_add(1);
        if row >= last {
            return Ok(());
        }
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => {
                    let text: String = text.chars().take(LETTERS).collect();
                    self.sheet.write_string_with_format(row, column, text, &self.wrapped)?;
                }
                // A spreadsheet knows numbers up to 2^53, and no log has as many rows.
                Cell::Number(number) => {
                    self.sheet.write_number_with_format(row, column, *number as f64, &self.top)?;
                }
            }
        }
        Ok(())
    }

    /// Lets the cells of a column be one of a list.
    fn choose(&mut self, head: &str, list: &[&str]) -> Result<(), XlsxError> {
        let column = (0..).zip(self.heads).find(|(_, it)| **it == head);
        if let Some((column, _)) = column.filter(|_| self.next > 1) {
            let rule = DataValidation::new().allow_list_strings(list)?;
            let last = self.next.min(ROWS).saturating_sub(1);
            self.sheet.add_data_validation(1, column, last, column, &rule)?;
        }
        Ok(())
    }

    fn ended(mut self) -> Result<Worksheet, XlsxError> {
        let column = u16::try_from(self.heads.len()).unwrap_or(u16::MAX).saturating_sub(1);
        let last = self.next.min(ROWS).saturating_sub(1);
        self.sheet.autofilter(0, 0, last, column)?;
        Ok(self.sheet)
    }
}

/// How wide a column is, in letters.
fn width(head: &str) -> f64 {
    match head {
        "says" | "grounds" | "reason" | "what" | "why" => 48.0,
        "agency" | "test" | "finding" | "time" => 24.0,
        _ => 14.0,
    }
}
