using System.Text.Json.Serialization;

namespace Harima.Rest;

/// <summary>Nothing is typed there; the same is; something else is.</summary>
[JsonConverter(typeof(LowerCaseWords<ProposedState>))]
public enum ProposedState
{
    New,
    Same,
    Different,
}

/// <param name="Path">Dotted; of the sample document where it begins with <c>sample.</c>.</param>
/// <param name="Value">A JSON string or number, as text.</param>
/// <param name="File">The first file that says so, relative to the sequence.</param>
/// <param name="FilePath">Where it stands in that file.</param>
/// <param name="Files">How many files say so.</param>
/// <param name="Typed">What stands there now, as JSON text with its unit; null for nothing.</param>
public sealed record ProposedValueDto(
    string Path,
    string Value,
    string? Unit,
    string File,
    string FilePath,
    int Files,
    ProposedState State,
    string? Typed
);

public sealed record ExtractionProblemDto(string File, string Message);

/// <param name="At">When the files were read last; null where that has not happened yet.</param>
/// <param name="Pending">Whether they are to be read again.</param>
/// <param name="FilesPassed">Files with a header that were not opened, being many of one kind.</param>
public sealed record ExtractionDto(
    DateTimeOffset? At,
    bool Pending,
    int FilesRead,
    int FilesPassed,
    IReadOnlyList<ExtractionProblemDto> Problems,
    IReadOnlyList<ProposedValueDto> Values
);

public sealed record AcceptedFieldDto(string Path, string Value, string? Unit);

/// <param name="Fields">Null for everything that nothing was typed for.</param>
public sealed record AcceptRequest(IReadOnlyList<AcceptedFieldDto>? Fields);

/// <param name="Paths">The values that were set.</param>
public sealed record AcceptedDto(IReadOnlyList<string> Paths);
