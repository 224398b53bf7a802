using Harima.Faults;

namespace Harima.Metadata;

/// <summary>One value to set or remove.</summary>
/// <param name="Path">Within the document: <c>measurement.method.technique</c>, <c>sample[0].name</c>; without a place it means each item of a list.</param>
/// <param name="Json">The value as JSON, or null to remove it.</param>
public sealed record MetadataEdit(MetadataKind Kind, string Path, string? Json);

/// <summary>What is to be done to one sequence.</summary>
public sealed record SequenceEdit(string ProposalId, string SequenceId, IReadOnlyList<MetadataEdit> Edits);

/// <summary>What an edit does to one document.</summary>
public sealed record EditedDocument(MetadataKind Kind, IReadOnlyList<MetadataDifference> Differences);

/// <summary>What an edit does to one sequence, or why it is refused.</summary>
public sealed record EditOutcome(
    string ProposalId,
    string SequenceId,
    IReadOnlyList<EditedDocument> Documents,
    FaultException? Refusal
);

/// <summary>A bulk change that was made.</summary>
public sealed record BulkChange
{
    public required string Id { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Summary { get; init; }

    /// <summary>How many it changed.</summary>
    public long Sequences { get; init; }
    public DateTimeOffset? UndoneAt { get; init; }

    /// <summary>A worker made it, in portions; only where changes are listed.</summary>
    public bool IsLarge { get; init; }
}
