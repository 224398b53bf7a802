using System.Text.Json.Serialization;

namespace Harima.Rest;

/// <summary>Nothing is typed there; the same is; something else is; somebody does not want it.</summary>
[JsonConverter(typeof(LowerCaseWords<ProposedState>))]
public enum ProposedState
{
    New,
    Same,
    Different,
    Dismissed,
}

/// <param name="Path">Dotted; of the sample document where it begins with <c>sample.</c>.</param>
/// <param name="Value">A JSON string or number, as text.</param>
/// <param name="File">The first file that says so, relative to the sequence.</param>
/// <param name="FilePath">Where it stands in that file.</param>
/// <param name="Files">How many files say so.</param>
/// <param name="Typed">What stands there now, as JSON text with its unit; null for nothing.</param>
/// <param name="AssumedZone">The time zone taken for a time whose file states none, such as <c>Asia/Tokyo</c>.</param>
/// <param name="DismissedBy">Who does not want it.</param>
public sealed record ProposedValueDto(
    string Path,
    string Value,
    string? Unit,
    string File,
    string FilePath,
    int Files,
    ProposedState State,
    string? Typed,
    string? AssumedZone = null,
    string? DismissedBy = null,
    DateTimeOffset? DismissedAt = null
);

/// <summary>The versions (ETags without quotes) of both documents; <c>none</c> where there is no document.</summary>
/// <param name="Measurement">In a request: null to say nothing about it.</param>
/// <param name="Sample">In a request: null to say nothing about it.</param>
public sealed record SeenVersionsDto(string? Measurement = null, string? Sample = null);

public sealed record ExtractionProblemDto(string File, string Message);

/// <param name="At">When the files were read last; null where that has not happened yet.</param>
/// <param name="Pending">Whether they are to be read again.</param>
/// <param name="Seen">Of the documents the values were compared with; to be sent back when accepting.</param>
/// <param name="FilesPassed">Files with a header that were not opened, being many of one kind.</param>
public sealed record ExtractionDto(
    DateTimeOffset? At,
    bool Pending,
    int FilesRead,
    int FilesPassed,
    IReadOnlyList<ExtractionProblemDto> Problems,
    IReadOnlyList<ProposedValueDto> Values,
    SeenVersionsDto? Seen = null
);

public sealed record AcceptedFieldDto(string Path, string Value, string? Unit = null);

/// <param name="Fields">Null for everything that nothing was typed for and nobody dismissed.</param>
/// <param name="Seen">What was seen beside the fields: if it was changed since, nothing is taken over (412, <c>metadata-changed</c>).</param>
public sealed record AcceptRequest(IReadOnlyList<AcceptedFieldDto>? Fields, SeenVersionsDto? Seen = null);

/// <param name="Fields">Null for all.</param>
public sealed record DismissRequest(IReadOnlyList<AcceptedFieldDto>? Fields);

/// <param name="Count">How many proposals this changed.</param>
public sealed record DismissedDto(int Count);

/// <param name="Paths">The values that were set.</param>
public sealed record AcceptedDto(IReadOnlyList<string> Paths);
