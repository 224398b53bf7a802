using System.Text.Json;

namespace Harima.Rest;

/// <param name="Name">The first of its names.</param>
/// <param name="Description">A JSON object: <c>names</c> and what else is known.</param>
/// <param name="Version">Rises with every change.</param>
public sealed record SampleDto(
    string Id,
    string ProposalId,
    string Name,
    JsonElement Description,
    long Version,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset ChangedAt,
    string ChangedBy
);

public sealed record SampleLinkDto(string Id, string ProposalId, string Name);

/// <param name="Sequences">Names (<c>proposal/sequence</c>) of those that refer to it, of those you may see.</param>
public sealed record SampleDetailDto(
    SampleDto Sample,
    bool MayChange,
    IReadOnlyList<SampleLinkDto> Parents,
    IReadOnlyList<SampleLinkDto> Children,
    IReadOnlyList<string> Sequences
);

/// <param name="Description">A JSON object with at least one of <c>names</c>.</param>
/// <param name="Parents">Ids of what it was made from; null to leave them as they are.</param>
/// <param name="Version">The version that was looked at; null to change whatever is there.</param>
public sealed record PutSampleDto(JsonElement Description, IReadOnlyList<string>? Parents = null, long? Version = null);

public sealed record SampleChangeDto(string? Before, string After, DateTimeOffset At, string Actor);
