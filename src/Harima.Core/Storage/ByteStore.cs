using System.Data.Common;
using Harima.Catalogue;
using Harima.Faults;
using Harima.S3.Checksums;
using Microsoft.Extensions.Options;

namespace Harima.Storage;

/// <summary>What can be said of the room that is left.</summary>
/// <param name="FreeBytes">What can still be stored.</param>
public sealed record Room(long FreeBytes, long TotalBytes);

/// <summary>
/// Where the bytes of files lie: the tree of a file system (<see cref="PosixStore"/>) or another S3 store. The catalogue decides
/// which bytes are a file's; a store keeps bytes under names nobody else has (blobs) and gives them back.
/// </summary>
public abstract class ByteStore(IOptions<StorageOptions> options, TimeProvider time)
{
    long _lastMicroseconds;

    protected TimeProvider Time { get; } = time;

    /// <summary>Whether each file that is opened is a question to another machine.</summary>
    internal virtual bool IsFar => false;

    internal long MaxObjectBytes { get; } = options.Value.MaxObjectBytes;

    /// <summary>Reads a body, checks it, and makes it durable. Memory does not grow with its size.</summary>
    /// <param name="bucket">For which bucket and key it is.</param>
    /// <exception cref="FaultException">Incomplete, ChecksumMismatch, TooLarge or StorageFull; nothing is kept then.</exception>
    internal abstract Task<StagedBlob> StageAsync(
        Bucket bucket,
        string key,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    );

    /// <summary>Copies stored bytes within the store, without reading them.</summary>
    /// <param name="algorithm">Of the checksum the copy must have.</param>
    /// <returns>Null where they must be read: the store cannot, or the checksum is not known.</returns>
    internal virtual Task<StagedBlob?> TryCopyAsync(
        StoredBytes bytes,
        DataFile source,
        Bucket bucket,
        string key,
        ChecksumAlgorithm? algorithm,
        CancellationToken cancellationToken
    ) => Task.FromResult<StagedBlob?>(null);

    /// <summary>Removes what lies under a name that no row mentions any more.</summary>
    internal abstract void Discard(string blob);

    /// <summary>Takes back bytes that no change has taken.</summary>
    internal virtual void Abandon(StagedBlob staged) => Discard(staged.Blob);

    /// <summary>Before the first request: is it the right store, and what can it do?</summary>
    internal virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Housekeeping, about once a second.</summary>
    /// <returns>How many blobs it has removed.</returns>
    internal virtual Task<int> TidyAsync(CancellationToken cancellationToken) => Task.FromResult(0);

    /// <summary>Where a client may fetch the bytes itself.</summary>
    /// <param name="answer">Query parameters that say how they are to be answered (<c>response-content-type</c>, …).</param>
    /// <returns>Null where it must get them from Harima.</returns>
    internal virtual Uri? AddressFor(
        StoredBytes bytes,
        string userAgent,
        IReadOnlyList<(string Name, string? Value)> answer
    ) => null;

    /// <summary>Opens exactly the bytes <paramref name="file"/> describes. Null if they are known not to be there (any longer).</summary>
    internal abstract StoredBytes? TryOpen(string folder, DataFile file);

    /// <summary>Opens what does not look like the bytes of a version but has their size and checksum. Reads them once.</summary>
    internal abstract StoredBytes? TryOpenByContent(string folder, DataFile file);

    /// <summary>Opens whatever lies where a version should be, that version first. Null where nothing does.</summary>
    internal abstract ValueTask<FoundFile?> FindForCheckAsync(
        string folder,
        DataFile file,
        CancellationToken cancellationToken
    );

    /// <summary>False where the store itself is not there, as when its file system is not mounted.</summary>
    internal abstract ValueTask<bool> IsThereAsync(CancellationToken cancellationToken);

    /// <summary>Null where nobody can tell.</summary>
    internal abstract Room? FindRoom();

    /// <summary>Where somebody who puts bytes back finds the place of a file; null where it has none.</summary>
    internal abstract string? PlaceOf(string folder, string key, string blob);

    /// <summary>Inside the transaction that makes a row of staged bytes.</summary>
    internal virtual void Adopt(DbTransaction transaction, StagedBlob staged) { }

    /// <summary>Inside the transaction after which no row names these blobs any more.</summary>
    internal virtual void Release(DbTransaction transaction, Bucket bucket, string key, IReadOnlyList<string> blobs) { }

    /// <summary>A name nobody has.</summary>
    internal StagedBlob NewStaged() => new(Guid.CreateVersion7(Time.GetUtcNow()).ToString("N"), this);

    /// <summary>Now, in whole microseconds, never the same twice: two versions of a key always differ in it.</summary>
    internal DateTimeOffset NextModifiedAt()
    {
        var now = Time.GetUtcNow().ToMicroseconds();
        while (true)
        {
            var last = Interlocked.Read(ref _lastMicroseconds);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _lastMicroseconds, next, last) == last)
                return Instant.FromMicroseconds(next);
        }
    }

    internal static FaultException Full(Exception? fault) =>
        new(
            FaultCode.StorageFull,
            "storage-full",
            "The storage is full, so nothing was stored and nothing was lost. Try again later, or tell the facility's staff.",
            inner: fault
        );

    internal FaultException TooLong(long? announced) =>
        announced is null
            ? TooLarge()
            : new FaultException(
                FaultCode.Incomplete,
                "incomplete-body",
                $"You announced {Fault.Number(announced.Value)} bytes but sent more, so nothing was stored. Send the file again."
            );

    internal static FaultException TooShort(long announced, long sent) =>
        new(
            FaultCode.Incomplete,
            "incomplete-body",
            $"You announced {Fault.Number(announced)} bytes but sent {Fault.Number(sent)}, so nothing was stored. Send the file again."
        );

    internal FaultException TooLarge() =>
        new(FaultCode.TooLarge, "file-too-large", $"A file may have at most {Fault.Number(MaxObjectBytes)} bytes.");

    internal static List<ChecksumAlgorithm> WantedFor(BodyExpectation expected)
    {
        var wanted = new List<ChecksumAlgorithm> { ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc64Nvme };
        if (expected.Algorithm is { } chosen)
            wanted.Add(chosen);
        if (expected.Sha256Hex is not null)
            wanted.Add(ChecksumAlgorithm.Sha256);
        return wanted;
    }

    internal static void Check(ChecksumAccumulator sums, BodyExpectation expected)
    {
        if (expected.Md5 is { } md5 && !md5.AsSpan().SequenceEqual(sums.GetMd5()))
            throw Mismatch("MD5");
        if (
            expected.Sha256Hex is { } sha
            && !string.Equals(sha, sums.FindSha256Hex(), StringComparison.OrdinalIgnoreCase)
        )
            throw Mismatch("SHA256");
        if (expected.Checksum?.Invoke() is { } claimed && claimed != sums.Find(claimed.Algorithm))
            throw Mismatch(claimed.Algorithm.Name());
    }

    static FaultException Mismatch(string algorithm) =>
        new(
            FaultCode.ChecksumMismatch,
            "checksum-mismatch",
            $"The {algorithm} of the bytes that arrived is not the one you announced, so nothing was stored. Send the file again.",
            new Dictionary<string, string> { ["algorithm"] = algorithm }
        );

    internal static void Describe(StagedBlob staged, ChecksumAccumulator sums, BodyExpectation expected)
    {
        staged.ETag = Convert.ToHexStringLower(sums.GetMd5());
        staged.Crc32 = sums.Find(ChecksumAlgorithm.Crc32)!.Value.Value;
        staged.Crc64Nvme = sums.Find(ChecksumAlgorithm.Crc64Nvme)!.Value.Value;
        staged.Chosen = expected.Algorithm is { } chosen ? sums.Find(chosen) : null;
    }
}
