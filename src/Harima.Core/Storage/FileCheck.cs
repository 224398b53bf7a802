using Harima.S3.Checksums;

namespace Harima.Storage;

/// <summary>What is wrong with stored bytes.</summary>
public enum Damage
{
    /// <summary>Nothing lies where they should be, or it cannot be opened.</summary>
    Missing,

    /// <summary>Somebody changed the file: size or modification time differ, and so do the bytes.</summary>
    Changed,

    /// <summary>Size and modification time are right, the bytes are not: the medium has lost them.</summary>
    Corrupt,

    /// <summary>The medium reports an error.</summary>
    Unreadable,
}

/// <param name="Damage">Null where the bytes are what was stored.</param>
/// <param name="Found">CRC-64/NVME of what is there, base64, where it could be read whole.</param>
sealed record CheckResult(Damage? Damage, string? Found);

/// <summary>How far into a file a check has come.</summary>
/// <param name="Crc64">Of the bytes before.</param>
sealed record CheckPoint(long OffsetBytes, string Crc64)
{
    // The CRC of nothing.
    public static readonly CheckPoint Start = new(0, "AAAAAAAAAAA=");
}

/// <summary>Reads one stored file from the disk and compares it with what the catalogue says of it.</summary>
public sealed class FileCheck(ByteStore store, RegisteredFolders registered, DataFiles files)
{
    // Of these one sees only the file; of all others the whole machine may be short, so they end the check.
    static readonly int[] MediumErrors = [5, 61, 74, 84, 117, 121]; // EIO, ENODATA, EBADMSG, EILSEQ, EUCLEAN, EREMOTEIO

    /// <param name="from">Where to go on; the bytes before are not read again.</param>
    /// <param name="sliceBytes">How much is read at a time.</param>
    /// <param name="afterSlice">Told after each slice how far it is: may wait, or throw to stop.</param>
    /// <returns>
    /// Null where the version is not there any more: deleted or replaced meanwhile, or a registered file that somebody changed or whose
    /// checksums are not known yet.
    /// </returns>
    internal async Task<CheckResult?> CheckAsync(
        string folder,
        DataFile file,
        CheckPoint from,
        long sliceBytes,
        Func<CheckPoint, Task> afterSlice,
        CancellationToken cancellationToken
    )
    {
        if (file.Location == Location.Registered)
            return await CheckRegisteredAsync(file, from, sliceBytes, afterSlice, cancellationToken);
        const int Looks = 3;
        for (var look = 1; ; look++)
        {
            using var found = await store.FindForCheckAsync(folder, file, cancellationToken);
            // An overwrite, a delete or a rename may have come between the row and the open: such a row is looked up again.
            if (found is not { IsThatVersion: true })
            {
                if (
                    await files.FindAsync(file.BucketId, file.Key, cancellationToken) is not { } now
                    || now.Blob != file.Blob
                )
                    return null;
                if (now.Location != file.Location || look < Looks)
                {
                    file = now;
                    continue;
                }
            }
            if (found is null)
                return new CheckResult(Damage.Missing, null);
            if (found.SizeBytes != file.SizeBytes)
                return new CheckResult(Damage.Changed, null);
            return await ReadAsync(found, file, from, sliceBytes, afterSlice, cancellationToken);
        }
    }

    /// <summary>What others changed is not damaged: the next re-scan finds it.</summary>
    async Task<CheckResult?> CheckRegisteredAsync(
        DataFile file,
        CheckPoint from,
        long sliceBytes,
        Func<CheckPoint, Task> afterSlice,
        CancellationToken cancellationToken
    )
    {
        if (!file.HasSums)
            return null;
        using var found = await registered.FindForCheckAsync(file, cancellationToken);
        if (found is null)
            return null;
        var result = await ReadAsync(found, file, from, sliceBytes, afterSlice, cancellationToken);
        if (result.Damage is null)
            return result;
        using var still = await registered.FindForCheckAsync(file, cancellationToken);
        return still is null ? null : result;
    }

    static async Task<CheckResult> ReadAsync(
        FoundFile found,
        DataFile file,
        CheckPoint from,
        long sliceBytes,
        Func<CheckPoint, Task> afterSlice,
        CancellationToken cancellationToken
    )
    {
        var at = from.OffsetBytes <= file.SizeBytes ? from : CheckPoint.Start;
        while (at.OffsetBytes < file.SizeBytes)
        {
            long read;
            Checksum crc;
            try
            {
                (read, crc) = await found.ReadAsync(
                    at.OffsetBytes,
                    Math.Min(sliceBytes, file.SizeBytes - at.OffsetBytes),
                    cancellationToken
                );
            }
            catch (IOException fault) when (MediumErrors.Contains(fault.HResult))
            {
                return new CheckResult(Damage.Unreadable, null);
            }
            if (read == 0)
                return new CheckResult(Damage.Changed, null);
            var whole = CrcCombination.Combine(new Checksum(ChecksumAlgorithm.Crc64Nvme, at.Crc64), crc, read);
            at = new CheckPoint(at.OffsetBytes + read, whole.Value);
            await afterSlice(at);
        }
        return at.Crc64 == file.Crc64Nvme
            ? new CheckResult(null, at.Crc64)
            : new CheckResult(found.IsThatVersion ? Damage.Corrupt : Damage.Changed, at.Crc64);
    }
}
