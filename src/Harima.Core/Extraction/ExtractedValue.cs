using Harima.Metadata;

namespace Harima.Extraction;

/// <summary>How what a file says stands to what was typed.</summary>
public enum ProposedState
{
    /// <summary>Nothing is typed there.</summary>
    New,

    /// <summary>The same is typed.</summary>
    Same,

    /// <summary>Something else is typed; it stays until somebody decides for this field.</summary>
    Different,

    /// <summary>Somebody does not want it; it is not taken over with the others.</summary>
    Dismissed,
}

/// <summary>A metadata value that the files of a sequence propose.</summary>
public sealed record ExtractedValue
{
    public MetadataKind Kind { get; init; }

    /// <summary>Dotted; a value of the sample document begins with <c>sample.</c>.</summary>
    public required string Path { get; init; }

    /// <summary>A JSON string or number.</summary>
    public required string Value { get; init; }

    /// <summary>As the file writes it; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>The first file that says so, relative to the sequence.</summary>
    public required string File { get; init; }

    /// <summary>Where it stands in that file.</summary>
    public required string FilePath { get; init; }

    /// <summary>Whether number and unit stand in an object of their own, as the followed schema has it, and not side by side.</summary>
    public bool IsMeasured { get; init; }

    /// <summary>Whether the document is the sample itself, as the followed schema has it, and holds no "sample".</summary>
    public bool IsBare { get; init; }

    /// <summary>How many files say so.</summary>
    public int Files { get; init; }

    /// <summary>The time zone taken for a time whose file states none, such as <c>Asia/Tokyo</c>; null elsewhere.</summary>
    public string? AssumedZone { get; init; }
}

/// <summary>A proposal beside what is typed.</summary>
/// <param name="Typed">JSON of what stands at the path now, with its unit behind it; null for nothing.</param>
/// <param name="Dismissal">Set where it was dismissed.</param>
public sealed record ProposedValue(
    ExtractedValue Extracted,
    ProposedState State,
    string? Typed,
    Dismissal? Dismissal = null
);

public sealed record Dismissal(string By, DateTimeOffset At);

/// <summary>The <see cref="MetadataVersion"/> of both documents beside which proposals were shown.</summary>
/// <param name="Measurement">Null to say nothing about it.</param>
/// <param name="Sample">Null to say nothing about it.</param>
public sealed record SeenVersions(string? Measurement, string? Sample)
{
    public string? Of(MetadataKind kind) => kind == MetadataKind.Sample ? Sample : Measurement;
}

public sealed record ExtractionProblem(string File, string Message);

/// <param name="At">When the files were read last; null where that has not happened yet.</param>
/// <param name="Pending">Whether files have changed since, as far as that is known yet.</param>
/// <param name="Seen">Of the documents the values were compared with.</param>
/// <param name="FilesPassed">Files with a header that were not opened, being many of one kind.</param>
public sealed record ExtractionResult(
    DateTimeOffset? At,
    bool Pending,
    int FilesRead,
    int FilesPassed,
    IReadOnlyList<ExtractionProblem> Problems,
    IReadOnlyList<ProposedValue> Values,
    SeenVersions Seen
)
{
    /// <summary>Of a sequence whose files nobody has read.</summary>
    public static ExtractionResult None { get; } = new(null, false, 0, 0, [], [], new SeenVersions(null, null));
}
