using System.Text.Json.Serialization;

namespace Harima.Rest;

[JsonConverter(typeof(LowerCaseWords<RegistrationWord>))]
public enum RegistrationWord
{
    Running,
    Done,
    Cancelled,
    Failed,

    /// <summary>Its files are being taken out of the catalogue; then it is gone.</summary>
    Removing,
}

[JsonConverter(typeof(LowerCaseWords<FindingWord>))]
public enum FindingWord
{
    /// <summary>A symbolic link; none is followed.</summary>
    Link,

    /// <summary>A socket, pipe or device.</summary>
    Special,

    /// <summary>A name that is no UTF-8.</summary>
    Name,
    Unreadable,
    KeyTooLong,

    /// <summary>A file above the folders that are sequences.</summary>
    OutsideSequence,

    /// <summary>A closed sequence has other files on the storage than in the catalogue.</summary>
    SequenceClosed,
    Changed,
    Removed,
}

[JsonConverter(typeof(LowerCaseWords<PreviewedWord>))]
public enum PreviewedWord
{
    New,
    Open,
    Closed,
}

/// <param name="Path">Absolute path on the server.</param>
/// <param name="SequenceId">All of it is this sequence; null with level 0: the sequence is called like the folder.</param>
/// <param name="Level">Each folder that many levels down is a sequence, called like it; 0 for all in one.</param>
/// <param name="Include">Patterns of the files that are catalogued, such as <c>*.h5</c> or <c>raw/**/*.cbf</c>; none for all.</param>
/// <param name="Exclude">Patterns of files and folders that are not, such as <c>backup/</c>.</param>
public sealed record RegisterFolderRequest(
    string Path,
    string ProposalId,
    string? SequenceId = null,
    int Level = 0,
    IReadOnlyList<string>? Include = null,
    IReadOnlyList<string>? Exclude = null
);

/// <param name="Include">Null for what it was; an empty list for all files.</param>
/// <param name="Exclude">Null for what it was; an empty list for none.</param>
public sealed record RegistrationPatternsRequest(
    IReadOnlyList<string>? Include = null,
    IReadOnlyList<string>? Exclude = null
);

/// <param name="Sequences">The first of them.</param>
/// <param name="Problems">The first of them.</param>
/// <param name="Excluded">Files that the patterns leave out, and folders that are not looked into.</param>
/// <param name="IsWhole">False where the tree is too large to be looked at at once; the counts are of what was looked at then.</param>
public sealed record RegistrationPreviewDto(
    string Path,
    string ProposalId,
    IReadOnlyList<PreviewedSequenceDto> Sequences,
    long SequenceCount,
    long Files,
    long SizeBytes,
    IReadOnlyList<FindingDto> Problems,
    long ProblemCount,
    long Excluded,
    bool IsWhole
);

/// <param name="Folder">Below the registered folder; empty for itself.</param>
public sealed record PreviewedSequenceDto(
    string SequenceId,
    string Folder,
    long Files,
    long SizeBytes,
    PreviewedWord State
);

/// <param name="Kind">What cannot be catalogued, or what had changed or gone.</param>
/// <param name="Path">Below the registered folder.</param>
/// <param name="SizeBytes">What the catalogue knew of a file that changed or has gone, as the two after it.</param>
public sealed record FindingDto(FindingWord Kind, string Path, long? SizeBytes, string? Etag, string? Crc64Nvme);

/// <param name="SequenceId">The one sequence all of it is; null where folders are sequences.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="Scan">How often it was looked through, from 1; the counts are of the last time.</param>
/// <param name="OnlyListed">Its files were listed one by one, by a SciCat client; a scan adds no others.</param>
/// <param name="Excluded">Files that the patterns leave out, and folders that are not looked into.</param>
/// <param name="FilesWithoutSums">Whose checksums are not known yet.</param>
/// <param name="FilesKept">Whose key is another file's in Harima, or was removed there.</param>
public sealed record RegistrationDto(
    string Id,
    string Path,
    string ProposalId,
    string? SequenceId,
    int Level,
    RegistrationWord State,
    string? Reason,
    long Scan,
    string? Position,
    long Sequences,
    long FilesFound,
    long BytesFound,
    long FilesAdded,
    long FilesChanged,
    long FilesRemoved,
    long FilesKept,
    long Problems,
    IReadOnlyList<string> Include,
    IReadOnlyList<string> Exclude,
    bool OnlyListed,
    long Excluded,
    long FilesWithoutSums,
    string RequestedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt
);

/// <param name="Roots">Folders of the server below which files may be registered.</param>
/// <param name="FilesWithoutSums">Registered files, of all registrations, whose checksums are not known yet.</param>
public sealed record RegistrationStateDto(IReadOnlyList<string> Roots, long FilesWithoutSums);
