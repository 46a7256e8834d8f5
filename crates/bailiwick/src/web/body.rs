//! What is sent in: forms and files, measured while they are read.

use std::io::Write as _;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, FromRequest as _};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Request};

use super::doors::{Method, Takes};
use super::fields::Fields;
use super::http::A_FORM;
use super::visit::{Refusal, Upload, UploadBytes};
use crate::error::Error;

/// The most bytes of a form without files.
const MOST_OF_A_FORM: usize = 256 << 10;

/// The most fields of a form with files, and the files among them.
const MOST_FIELDS: usize = 200;
const MOST_FILES: usize = 16;

/// What was sent.
#[derive(Default)]
pub(super) struct Sent {
    pub form: Fields,
    pub files: Vec<Upload>,
}

/// Reads what was sent to a door, and no more than it takes.
pub(super) async fn read(
    takes: Takes,
    method: Method,
    headers: &HeaderMap,
    body: Body,
    folder: &Path,
) -> Result<Sent, Refusal> {
    if method == Method::Get {
        return Ok(Sent::default());
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match (takes, kind.split(';').next().unwrap_or_default().trim()) {
        (_, "application/x-www-form-urlencoded") => {
            let bytes = axum::body::to_bytes(body, MOST_OF_A_FORM);
            let bytes = tokio::time::timeout(A_FORM, bytes).await.map_err(|_| slow())?;
            let bytes = bytes.map_err(|_| Refusal::input("This form is too large."))?;
            Ok(Sent { form: Fields::parse(&bytes), files: Vec::new() })
        }
        (Takes::Paper(most), "multipart/form-data") => {
            parts(headers, body, Limit { held: most, disk: None }).await
        }
        (Takes::Log(most), "multipart/form-data") => {
            let uploads = folder.join("uploads");
            let limit = Limit { held: MOST_OF_A_FORM, disk: Some((most, &uploads)) };
            parts(headers, body, limit).await
        }
        _ => Err(Refusal::input("This is no form of ours. Open the page and send its form.")),
    }
}

fn slow() -> Refusal {
    Refusal::input("Sending took too long. Nothing was recorded; try again.")
}

fn torn() -> Refusal {
    Refusal::input("The form arrived in pieces and cannot be read. Nothing was recorded.")
}

/// How many bytes are held in memory, and how many go to files in a folder.
#[derive(Clone, Copy)]
struct Limit<'a> {
    held: usize,
    disk: Option<(u64, &'a Path)>,
}

impl Limit<'_> {
    fn most(&self) -> u64 {
        let fields = MOST_OF_A_FORM as u64;
        let files = self.disk.map_or(self.held as u64, |(most, _)| most);
        files.saturating_add(fields)
    }
}

async fn parts(headers: &HeaderMap, body: Body, limit: Limit<'_>) -> Result<Sent, Refusal> {
    let said = headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok());
    if said.and_then(|it| it.parse::<u64>().ok()).is_some_and(|said| said > limit.most()) {
        return Err(too_large(limit));
    }
    let mut request = Request::new(body);
    *request.headers_mut() = headers.clone();
    // The library's own limit is two megabytes; ours is measured below, piece by piece.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| torn())?;
    let mut sent = Sent::default();
    let mut count = 0_usize;
    while let Some(field) = soon(parts.next_field()).await? {
        count = count.saturating_add(1);
        if count > MOST_FIELDS || sent.files.len() >= MOST_FILES {
            return Err(Refusal::input("There is too much in this form."));
        }
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            None => {
                let bytes = held(field, MOST_OF_A_FORM).await?.ok_or_else(|| too_large(limit))?;
                let text = String::from_utf8(bytes).map_err(|_| torn())?;
                sent.form.push(name, text);
            }
            Some(file) => {
                let bytes = match limit.disk {
                    None => {
                        let bytes = held(field, limit.held).await?;
                        UploadBytes::Held(bytes.ok_or_else(|| too_large(limit))?)
                    }
                    Some((most, folder)) => to_disk(field, most, folder, limit).await?,
                };
                sent.files.push(Upload { field: name, name: file, bytes });
            }
        }
    }
    Ok(sent)
}

fn too_large(limit: Limit<'_>) -> Refusal {
    let most = limit.disk.map_or(limit.held as u64, |(most, _)| most) >> 20;
    Refusal::input(format!("The file is too large: at most {most} MiB can be sent."))
}

/// The next piece; who sends nothing for a while has gone.
async fn soon<T>(
    next: impl Future<Output = Result<T, axum::extract::multipart::MultipartError>>,
) -> Result<T, Refusal> {
    tokio::time::timeout(A_FORM, next).await.map_err(|_| slow())?.map_err(|_| torn())
}

async fn held(mut field: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let mut bytes = Vec::new();
    while let Some(piece) = soon(field.chunk()).await? {
        if bytes.len().saturating_add(piece.len()) > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes))
}

async fn to_disk(
    mut field: Field<'_>,
    most: u64,
    folder: &Path,
    limit: Limit<'_>,
) -> Result<UploadBytes, Refusal> {
    let failed = |error: std::io::Error| Refusal::Error(Error::file(folder)(error));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut length = 0_u64;
    while let Some(piece) = soon(field.chunk()).await? {
        length = length.saturating_add(piece.len() as u64);
        if length > most {
            return Err(too_large(limit));
        }
        let written = tokio::task::spawn_blocking(move || put(file, &piece)).await;
        file = written.map_err(|_| torn())?.map_err(failed)?;
    }
    Ok(UploadBytes::OnDisk(file))
}

fn put(
    mut file: tempfile::NamedTempFile,
    piece: &Bytes,
) -> std::io::Result<tempfile::NamedTempFile> {
    file.write_all(piece)?;
    Ok(file)
}
