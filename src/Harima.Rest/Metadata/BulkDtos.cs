using System.Text.Json;

namespace Harima.Rest;

/// <param name="Path">With places in lists: <c>$.sample[0].name</c>.</param>
/// <param name="Kind"><c>added</c>, <c>removed</c> or <c>changed</c>.</param>
/// <param name="Before">JSON as it was written.</param>
public sealed record MetadataDifferenceDto(string Path, string Kind, string? Before, string? After);

/// <param name="Path">Within the document: <c>measurement.method.technique</c>, <c>sample[0].name</c>; without a place it means each item.</param>
/// <param name="Value">Any JSON; where it is not given, what is at the path is removed.</param>
public sealed record MetadataEditDto(MetadataKindDto Kind, string Path, JsonElement? Value = null);

/// <param name="Sequences"><c>proposal/sequence</c>, at most 1000.</param>
public sealed record BulkEditRequest(IReadOnlyList<string> Sequences, IReadOnlyList<MetadataEditDto> Edits);

public sealed record EditedDocumentDto(MetadataKindDto Kind, IReadOnlyList<MetadataDifferenceDto> Differences);

/// <param name="Refusal">Why nothing is done to this one; its reason is stable.</param>
public sealed record EditOutcomeDto(
    string ProposalId,
    string SequenceId,
    IReadOnlyList<EditedDocumentDto> Documents,
    string? Reason = null,
    string? Refusal = null
);

/// <param name="Sequences"><c>proposal/sequence</c>, at most 100,000; what the caller may not read is left out.</param>
/// <param name="Columns">Such as <c>measurement:title</c>, in this order; null for every value there is, at most 500.</param>
/// <param name="Format"><c>csv</c> (the usual) or <c>xlsx</c>.</param>
public sealed record TableRequest(
    IReadOnlyList<string> Sequences,
    IReadOnlyList<string>? Columns = null,
    string? Format = null
);

/// <param name="Row">From 1, the head being 1.</param>
/// <param name="Column">From 1.</param>
public sealed record TableProblemDto(int Row, int Column, string Message, string MessageJa);

/// <param name="Id">To undo it by; null for a preview and where nothing changed.</param>
/// <param name="Changed">How many sequences change.</param>
/// <param name="Problems">Of the imported table; rows that are told here are left out.</param>
public sealed record BulkResultDto(
    string? Id,
    int Changed,
    IReadOnlyList<EditOutcomeDto> Outcomes,
    IReadOnlyList<TableProblemDto> Problems
);

public sealed record BulkChangeDto(
    string Id,
    DateTimeOffset At,
    string Summary,
    long Sequences,
    DateTimeOffset? UndoneAt
);

/// <param name="Q">The question; all that it finds when this is asked is changed.</param>
public sealed record EditFoundRequest(string Q, IReadOnlyList<MetadataEditDto> Edits);

/// <param name="Found">How many the question finds, counted to 10,000.</param>
/// <param name="More">There are more than that.</param>
/// <param name="Looked">How many of them were looked at, the first 1,000: the next three add up to it.</param>
/// <param name="Changing">How many of these would change.</param>
/// <param name="Unchanged">How many of these already are as the edit would make them.</param>
/// <param name="Refused">How many of these would be left as they are, because they are closed or not the caller's to change.</param>
/// <param name="Some">What would be done to the first 50 of them.</param>
public sealed record EditFoundPreviewDto(
    long Found,
    bool More,
    int Looked,
    int Changing,
    int Unchanged,
    int Refused,
    IReadOnlyList<EditOutcomeDto> Some
);

/// <summary>A bulk change that a worker makes in portions.</summary>
/// <param name="Undoes">The bulk change that this puts back; null for an edit.</param>
/// <param name="State"><c>running</c>, <c>done</c>, <c>cancelled</c>, or <c>failed</c>: given up after several attempts.</param>
/// <param name="Done">How many of them were looked at.</param>
/// <param name="Changed">How many of these it changed.</param>
/// <param name="Refused">How many it left as they were, because they are closed or not the caller's to change.</param>
/// <param name="Problems">Rows of a table that could not be used, the first 100.</param>
public sealed record LargeEditDto(
    string Id,
    string? Undoes,
    string Summary,
    string State,
    long Total,
    long Done,
    long Changed,
    long Refused,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset? UndoneAt,
    IReadOnlyList<TableProblemDto>? Problems = null
);

public sealed record RefusedEditDto(string ProposalId, string SequenceId, string Reason, string Refusal);
