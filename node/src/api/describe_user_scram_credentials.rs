//! DescribeUserScramCredentials: there are no users yet (KIP-554).

use super::{Answer, Asked};
use ringlog_kafka::{
    ErrorCode,
    messages::{
        DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
        describe_user_scram_credentials_response::DescribeUserScramCredentialsResult,
    },
};
use std::collections::BTreeMap;

pub(super) fn answer(asked: &Asked, request: &DescribeUserScramCredentialsRequest<'_>) -> Answer {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for user in request.users.iter().flatten() {
        *named.entry(user.name).or_default() += 1;
    }
    let refusals: Vec<(&str, ErrorCode, String)> = named
        .into_iter()
        .map(|(user, times)| match times {
            1 => {
                let reason = format!("Attempt to describe a user credential that does not exist: {user}");
                (user, ErrorCode::RESOURCE_NOT_FOUND, reason)
            }
            _ => {
                let reason = format!(
                    "Cannot describe SCRAM credentials for the same user twice in a single request: {user}"
                );
                (user, ErrorCode::DUPLICATE_RESOURCE, reason)
            }
        })
        .collect();
    let results = refusals.iter().map(|(user, error_code, reason)| DescribeUserScramCredentialsResult {
        user,
        error_code: *error_code,
        error_message: Some(reason),
        credential_infos: Vec::new(),
    });
    asked.respond(&DescribeUserScramCredentialsResponse {
        results: results.collect(),
        ..DescribeUserScramCredentialsResponse::default()
    })
}
