using System.Text.Json.Serialization;

namespace Harima.Rest;

[JsonConverter(typeof(LowerCaseWords<ScrubWord>))]
public enum ScrubWord
{
    Idle,
    Running,
    Paused,
    Stopped,
}

[JsonConverter(typeof(LowerCaseWords<DamageWord>))]
public enum DamageWord
{
    Missing,
    Changed,
    Corrupt,
    Unreadable,
}

/// <param name="FreeBytes">What can still be stored on the file system of the files; null where they lie in a store that does not say.</param>
/// <param name="TotalBytes">Null as well then.</param>
/// <param name="DamagedFiles">How many files are known to be damaged.</param>
public sealed record StorageDto(long? FreeBytes, long? TotalBytes, ScrubDto Scrub, long DamagedFiles);

/// <param name="State">idle between passes; stopped where it stopped itself.</param>
/// <param name="Reason">Why it stopped itself.</param>
/// <param name="BytesPerSecond">0 where it is turned off.</param>
/// <param name="Pass">Counts from 1; 0 before the first.</param>
/// <param name="FilesTotal">When the pass began, or what has been checked where that is more.</param>
/// <param name="NextPassAt">Where it is idle.</param>
public sealed record ScrubDto(
    ScrubWord State,
    string? Reason,
    long BytesPerSecond,
    long Pass,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long FilesChecked,
    long FilesTotal,
    long BytesChecked,
    long BytesTotal,
    DateTimeOffset? NextPassAt
);

/// <param name="Id">To check it again with.</param>
/// <param name="Key">Null in a workspace the caller may not read, as the path.</param>
/// <param name="Path">Where the plain file lies, or should lie.</param>
/// <param name="Damage">missing; changed by somebody; corrupt, though size and time are right; unreadable.</param>
/// <param name="ExpectedCrc64Nvme">As it was stored, base64.</param>
/// <param name="FoundCrc64Nvme">Of what is there, where it could be read whole.</param>
public sealed record DamagedFileDto(
    string Id,
    string Bucket,
    string? Key,
    string? Path,
    long SizeBytes,
    DamageWord Damage,
    string ExpectedCrc64Nvme,
    string? FoundCrc64Nvme,
    DateTimeOffset FoundAt,
    DateTimeOffset CheckedAt
);

/// <param name="File">What is still wrong; null where it is sound, or was deleted or replaced meanwhile.</param>
public sealed record FileCheckDto(bool Sound, DamagedFileDto? File);

/// <param name="Key">Null in a workspace the caller may not read.</param>
/// <param name="Owner">User id of who began it.</param>
/// <param name="LastPartAt">When the last part arrived, or when it began.</param>
/// <param name="SizeBytes">Of the parts that were received.</param>
public sealed record UnfinishedUploadDto(
    string Id,
    string Bucket,
    string? Key,
    string Owner,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastPartAt,
    long Parts,
    long SizeBytes
);
