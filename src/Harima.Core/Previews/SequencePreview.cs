using System.Collections.Concurrent;
using Harima.Identity;
using Harima.Imaging;
using Harima.Imaging.Formats.Cbf;
using Harima.Imaging.Formats.Tiff;
using Harima.Imaging.Frames;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Previews;

/// <summary>A small picture of what a sequence holds.</summary>
/// <param name="Tag">Changes when the picture does.</param>
public sealed record PreviewPicture(byte[] Png, string Tag);

/// <summary>
/// Draws a frame of a sequence small, for cards: made when it is first asked for, and kept in memory by the checksum of the file, so
/// that a changed file has a new picture. Who asks must be able to read that file.
/// </summary>
public sealed class SequencePreview(SequenceAccess access, FileQueries files) : IDisposable
{
    const int LargestSidePixels = 320;
    const int LookedAt = 1_000;
    const int Kept = 2_000;

    // A frame of 16 million pixels; what is larger is no frame, but a stack.
    const long LargestFileBytes = 64 << 20;

    static readonly Dictionary<string, Func<byte[], DetectorFrame>> Readers = new(StringComparer.OrdinalIgnoreCase)
    {
        [".cbf"] = bytes => CbfFile.Read(bytes).Frame,
        [".tif"] = bytes => TiffFile.Read(bytes).Frame,
        [".tiff"] = bytes => TiffFile.Read(bytes).Frame,
    };

    // Null: it cannot be drawn, and need not be tried again.
    readonly ConcurrentDictionary<string, byte[]?> _pictures = new(StringComparer.Ordinal);
    readonly ConcurrentQueue<string> _oldestFirst = new();

    // A page of cards asks for many at once; uploads must not wait for them.
    readonly SemaphoreSlim _turn = new(2);

    /// <summary>File types, as search has them, that a picture may be made of.</summary>
    public static bool IsDrawn(string fileType) => Readers.ContainsKey("." + fileType);

    /// <returns>Null where there is no frame that can be drawn.</returns>
    /// <exception cref="Faults.FaultException">NotFound where the sequence does not exist for the caller.</exception>
    public async Task<PreviewPicture?> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var bucket = view.Proposal.Id.ToLowerInvariant();
        var listed = await files.ListAsync(
            principal,
            bucket,
            new ListRequest(view.Sequence.Id + "/", null, null, LookedAt),
            cancellationToken
        );
        var frames = listed
            .Entries.Select(entry => entry.File)
            .OfType<DataFile>()
            .Where(file =>
                file.SizeBytes is > 0 and <= LargestFileBytes && Readers.ContainsKey(Path.GetExtension(file.Key))
            )
            .ToList();
        if (frames.Count == 0)
            return null;
        // The first ones are often taken with the shutter closed.
        var chosen = frames[frames.Count / 2];
        var name = $"{chosen.ETag}-{chosen.SizeBytes}-{chosen.Crc64Nvme}";
        if (!_pictures.TryGetValue(name, out var picture))
            picture = await DrawAsync(principal, bucket, chosen, name, cancellationToken);
        return picture is null ? null : new PreviewPicture(picture, chosen.ETag);
    }

    public void Dispose() => _turn.Dispose();

    async Task<byte[]?> DrawAsync(
        Principal principal,
        string bucket,
        DataFile chosen,
        string name,
        CancellationToken cancellationToken
    )
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_pictures.TryGetValue(name, out var made))
                return made;
            var picture = await ReadAsync(principal, bucket, chosen, cancellationToken);
            if (_pictures.TryAdd(name, picture))
                _oldestFirst.Enqueue(name);
            while (_pictures.Count > Kept && _oldestFirst.TryDequeue(out var oldest))
                _pictures.TryRemove(oldest, out _);
            return picture;
        }
        finally
        {
            _turn.Release();
        }
    }

    async Task<byte[]?> ReadAsync(
        Principal principal,
        string bucket,
        DataFile chosen,
        CancellationToken cancellationToken
    )
    {
        using var opened = await files.OpenAsync(principal, bucket, chosen.Key, cancellationToken);
        if (opened.File.SizeBytes > LargestFileBytes)
            return null;
        var bytes = new byte[opened.File.SizeBytes];
        await using (var stream = opened.ReadAll())
            await stream.ReadExactlyAsync(bytes, cancellationToken);
        try
        {
            return FramePicture.Png(Readers[Path.GetExtension(chosen.Key)](bytes), LargestSidePixels);
        }
        catch (DamagedFileException)
        {
            // Compressed, of another kind, or broken: then there is no picture, and the file is what it is.
            return null;
        }
    }
}
