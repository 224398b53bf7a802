using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harima.Rest;

[JsonConverter(typeof(LowerCaseWords<SequenceStateDto>))]
public enum SequenceStateDto
{
    Open,
    Closed,
}

[JsonConverter(typeof(LowerCaseWords<SequenceVisibility>))]
public enum SequenceVisibility
{
    Limited,
    Everyone,
}

/// <param name="MyRight">What the caller may do; only where one sequence is asked for, null in lists.</param>
/// <param name="S3Uri">Where its files are on the S3 surface, such as <c>s3://2026a1234/S0042/</c>.</param>
public sealed record SequenceDto(
    string ProposalId,
    string Id,
    string BeamlineId,
    SequenceStateDto State,
    SequenceVisibility Visibility,
    string Owner,
    string? OwnerName,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt,
    long SizeBytes,
    long FileCount,
    AccessRight? MyRight,
    string S3Uri
);

/// <param name="Id">1 to 128 letters, digits, '.', '_' or '-'.</param>
public sealed record NewSequenceDto(string Id);

/// <param name="Path">Within the sequence or workspace.</param>
/// <param name="Key">The whole key on the S3 surface.</param>
/// <param name="Checksums">Base64 by algorithm in lower case: <c>crc64nvme</c> and <c>crc32</c>, others where given at upload; none of a registered file whose bytes nobody has read yet.</param>
public sealed record FileDto(
    string Path,
    string Key,
    long SizeBytes,
    string Etag,
    IReadOnlyDictionary<string, string> Checksums,
    string? ContentType,
    DateTimeOffset ModifiedAt
);

/// <param name="ContentUrl">The bytes by REST, with the login of the caller.</param>
/// <param name="DownloadUrl">The bytes by S3, for whoever holds the address until it expires; null for anonymous callers.</param>
public sealed record FileFactsDto(
    string Path,
    string Key,
    long SizeBytes,
    string Etag,
    IReadOnlyDictionary<string, string> Checksums,
    string? ContentType,
    DateTimeOffset ModifiedAt,
    string S3Uri,
    string ContentUrl,
    string? DownloadUrl,
    DateTimeOffset? DownloadUrlExpiresAt
);

/// <param name="Action">Noun.verb, such as <c>sequence.closed</c>, <c>file.added</c>, <c>access.given</c>.</param>
/// <param name="Via">The kind of door: <c>portal</c>, <c>token</c>, <c>key</c>, …</param>
public sealed record HistoryDto(DateTimeOffset At, string Actor, string Via, string Action, JsonElement? Detail);

public sealed record AccessDto(SequenceVisibility Visibility, IReadOnlyList<AccessEntryDto> Entries);

/// <param name="Role"><c>admin</c>, <c>staff</c>, <c>leader</c>, <c>member</c>, <c>owner</c> or <c>shared</c>.</param>
/// <param name="On">What the right is held on: <c>facility</c>, <c>beamline</c>, <c>proposal</c> or <c>sequence</c>.</param>
/// <param name="OnId">Its id.</param>
/// <param name="Removable">Whether it was given by sharing this sequence, and so can be changed or taken back here.</param>
public sealed record AccessEntryDto(
    string UserId,
    string Name,
    string? Email,
    AccessRight Right,
    string Role,
    string On,
    string OnId,
    string GrantedBy,
    DateTimeOffset GrantedAt,
    bool Removable
);

public sealed record ShareRequest(AccessRight Right);

public sealed record SharedDto(string UserId, string Name, AccessRight Right);

public sealed record VisibilityDto(SequenceVisibility Visibility);
