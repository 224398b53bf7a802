using System.Text.Json.Serialization;

namespace Harima.Rest;

/// <summary>What somebody may do; each includes those before it.</summary>
[JsonConverter(typeof(LowerCaseWords<AccessRight>))]
public enum AccessRight
{
    None,
    Read,
    Write,
    Manage,
}

public sealed record BeamlineDto(string Id, string Title, string TitleJa);

/// <param name="Staff">User ids; they are added to those it has.</param>
public sealed record PutBeamlineRequest(string Title, string TitleJa = "", IReadOnlyList<string>? Staff = null);

/// <param name="Bucket">Its name on the S3 surface.</param>
/// <param name="MyRight">On the proposal as a whole; <c>none</c> where only some of its sequences are shared with the caller.</param>
/// <param name="SequenceCount">Of those the caller may see, as is <paramref name="SizeBytes"/>.</param>
public sealed record ProposalDto(
    string Id,
    string Title,
    string TitleJa,
    string BeamlineId,
    DateOnly StartsOn,
    DateOnly EndsOn,
    string Bucket,
    AccessRight MyRight,
    long SequenceCount,
    long SizeBytes,
    DateTimeOffset CreatedAt
);

/// <param name="Role"><c>leader</c>, <c>member</c> or <c>staff</c>.</param>
public sealed record ProposalPersonDto(string UserId, string Name, string Role);

/// <summary>That somebody read a file on one day, however often.</summary>
/// <param name="User">User id, or <c>anonymous</c>.</param>
/// <param name="Door"><c>s3</c>, <c>rest</c>, or <c>archive</c> for a sequence as a whole.</param>
/// <param name="Key">The key in the proposal's bucket; for an archive the sequence with a slash.</param>
/// <param name="SizeBytes">Announced in all answers together.</param>
public sealed record FileReadDto(
    string User,
    string Door,
    string Sequence,
    string Key,
    DateTimeOffset FirstAt,
    DateTimeOffset LastAt,
    long Requests,
    long SizeBytes
);

/// <param name="Leader">User id of the experiment leader.</param>
/// <param name="Members">User ids.</param>
public sealed record NewProposalDto(
    string Id,
    string Title,
    string BeamlineId,
    DateOnly StartsOn,
    DateOnly EndsOn,
    string Leader,
    string TitleJa = "",
    IReadOnlyList<string>? Members = null
);
