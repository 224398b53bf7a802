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
