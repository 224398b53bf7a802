namespace Harima.Storage;

/// <summary>How many files, and how many bytes they have.</summary>
public sealed record FileTotals
{
    public long Files { get; init; }
    public long SizeBytes { get; init; }

    internal FileTotals Plus(FileTotals other) =>
        new() { Files = Files + other.Files, SizeBytes = SizeBytes + other.SizeBytes };
}
