namespace Harima.Registration;

public enum RegistrationState
{
    /// <summary>The tree is being looked through, or waits for that.</summary>
    Running,

    /// <summary>It was looked through to its end.</summary>
    Done,
    Cancelled,

    /// <summary>Its files are being taken out of the catalogue.</summary>
    Removing,

    /// <summary>It could not go on; what was catalogued until then stays.</summary>
    Failed,
}

/// <summary>A tree on the facility's storage whose files are catalogued where they lie.</summary>
public sealed record RegisteredTree
{
    public required string Id { get; init; }

    /// <summary>Absolute path on the server.</summary>
    public required string Path { get; init; }
    public required string ProposalId { get; init; }

    /// <summary>The one sequence all of it is; null where folders are sequences.</summary>
    public string? SequenceId { get; init; }

    /// <summary>How many levels down each folder is a sequence; 0 where all of it is one.</summary>
    public int Level { get; init; }

    /// <summary>Which files are catalogued, one pattern a line; empty for all.</summary>
    public string IncludePatterns { get; init; } = "";

    /// <summary>Which are not.</summary>
    public string ExcludePatterns { get; init; } = "";

    /// <summary>Whether a scan adds nothing: its files were listed one by one.</summary>
    public bool OnlyListed { get; init; }

    public FilePatterns Patterns => FilePatterns.Read(IncludePatterns, ExcludePatterns);
    public RegistrationState State { get; init; }

    /// <summary>Why it failed: a stable word, as of faults.</summary>
    public string? Reason { get; init; }

    /// <summary>How often it was looked through, from 1; all counts are of the last time.</summary>
    public long Scan { get; init; }

    /// <summary>Everything up to this path has been dealt with.</summary>
    public string? Position { get; init; }
    public long SequenceCount { get; init; }
    public long FilesFound { get; init; }
    public long BytesFound { get; init; }
    public long FilesAdded { get; init; }
    public long FilesChanged { get; init; }
    public long FilesRemoved { get; init; }

    /// <summary>Files whose key is another file's in Harima, or was removed there: they were left alone.</summary>
    public long FilesKept { get; init; }
    public long Problems { get; init; }

    /// <summary>Files that were left out by the patterns, and folders that were not looked into.</summary>
    public long Excluded { get; init; }

    /// <summary>Files whose checksums are not known yet.</summary>
    public long FilesWithoutSums { get; init; }

    /// <summary>User id.</summary>
    public required string RequestedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>What a scan found apart from files it could catalogue.</summary>
public enum FindingKind
{
    /// <summary>A symbolic link; none is followed.</summary>
    Link,

    /// <summary>A socket, pipe or device.</summary>
    Special,

    /// <summary>A name that is no UTF-8.</summary>
    Name,

    /// <summary>Harima may not read it, or the file system failed to.</summary>
    Unreadable,

    /// <summary>Its key would be longer than S3 allows.</summary>
    KeyTooLong,

    /// <summary>A file above the folders that are sequences.</summary>
    OutsideSequence,

    /// <summary>A sequence that is closed, and has other files on the storage than in the catalogue.</summary>
    SequenceClosed,

    /// <summary>A file that has changed since the scan before.</summary>
    Changed,

    /// <summary>A file that has gone since the scan before.</summary>
    Removed,
}

/// <param name="Path">Below the registered folder.</param>
/// <param name="SizeBytes">What the catalogue knew of a file that changed or has gone; null for others, as the two after it.</param>
public sealed record Finding(
    FindingKind Kind,
    string Path,
    long? SizeBytes = null,
    string? ETag = null,
    string? Crc64Nvme = null
)
{
    internal long Id { get; init; }

    /// <summary>Whether something could not be catalogued, and not only changed.</summary>
    public bool IsProblem => Kind is not (FindingKind.Changed or FindingKind.Removed);
}
