using Harima.Faults;
using Harima.S3.Checksums;

namespace Harima.Storage;

public sealed partial class Uploads
{
    /// <summary>Makes one staged file of the parts the client names.</summary>
    /// <exception cref="FaultException">Invalid for a part that is missing, out of order or too small.</exception>
    internal async Task<StagedBlob> AssembleAsync(
        Upload upload,
        IReadOnlyList<CompletedPart> wanted,
        CancellationToken cancellationToken
    )
    {
        var stored = (await PartsAsync(upload.Id, 0, MaxParts, cancellationToken)).ToDictionary(part => part.Number);
        var parts = Choose(wanted, stored);
        if (_parts is not null)
        {
            var assembled = await _parts.AssembleAsync(upload, parts, cancellationToken);
            Describe(assembled, upload, parts);
            return assembled;
        }
        var partSize = upload.PartSizeBytes ?? await PartSizeAsync(upload, cancellationToken);
        var inPlace = stored.Values.Count(part => part.Blob.Length == 0);
        // Trimming would cut off parts that were received but are not named, and one that is still being received would go on
        // writing into the object; then the named ones are copied instead.
        var staged =
            IsContiguous(parts, partSize) && inPlace == parts.Count && !await HasClaimsAsync(upload, cancellationToken)
                ? await _tree!.TrimAsync(upload.Blob, parts.Sum(part => part.SizeBytes))
                : await _tree!.JoinAsync([.. parts.Select(part => PieceOf(upload, part, partSize))], cancellationToken);
        Describe(staged, upload, parts);
        return staged;
    }

    static List<UploadPart> Choose(IReadOnlyList<CompletedPart> wanted, Dictionary<int, UploadPart> stored)
    {
        if (wanted.Count == 0)
            throw Fault.Invalid("no-parts", "Name at least one part to complete the upload with.");
        var parts = new List<UploadPart>(wanted.Count);
        foreach (var one in wanted)
        {
            if (parts.Count > 0 && one.Number <= parts[^1].Number)
                throw Fault.Invalid("part-order", "The parts must be named in ascending order, each once.");
            if (
                !stored.TryGetValue(one.Number, out var part)
                || !string.Equals(part.ETag, one.ETag.Trim('"'), StringComparison.OrdinalIgnoreCase)
                || (
                    one.ChecksumValue is not null
                    && part.ChecksumValue is not null
                    && one.ChecksumValue != part.ChecksumValue
                )
            )
                throw Fault.Invalid(
                    "invalid-part",
                    $"Part {Fault.Number(one.Number)} was not received, or it has another ETag or checksum. Send it again.",
                    ("part", Fault.Number(one.Number))
                );
            parts.Add(part);
        }
        if (parts.SkipLast(1).FirstOrDefault(part => part.SizeBytes < MinPartBytes) is { } small)
            throw Fault.Invalid(
                "part-too-small",
                $"Part {Fault.Number(small.Number)} has {Fault.Number(small.SizeBytes)} bytes; every part but the last needs at least {Fault.Number(MinPartBytes)}.",
                ("part", Fault.Number(small.Number))
            );
        return parts;
    }

    static bool IsContiguous(List<UploadPart> parts, long partSize)
    {
        long offset = 0;
        foreach (var part in parts)
        {
            if (part.Blob.Length > 0 || (part.Number - 1) * partSize != offset)
                return false;
            offset += part.SizeBytes;
        }
        return true;
    }

    static Piece PieceOf(Upload upload, UploadPart part, long partSize) =>
        part.Blob.Length > 0
            ? new Piece(part.Blob, 0, part.SizeBytes)
            : new Piece(upload.Blob, (part.Number - 1) * partSize, part.SizeBytes);

    static void Describe(StagedBlob staged, Upload upload, List<UploadPart> parts)
    {
        staged.ETag = MultipartChecksums.ETag([.. parts.Select(part => part.ETag)]);
        staged.PartSizes = [.. parts.Select(part => part.SizeBytes)];
        staged.Crc32 = Combine(parts, ChecksumAlgorithm.Crc32, part => part.Crc32);
        staged.Crc64Nvme = Combine(parts, ChecksumAlgorithm.Crc64Nvme, part => part.Crc64Nvme);
        if (!ChecksumAlgorithms.TryParse(upload.ChecksumAlgorithm, out var algorithm))
            return;
        var composite = upload.ChecksumType == nameof(ChecksumType.Composite) || !algorithm.IsCombinable();
        staged.PartChecksums = [.. parts.Select(part => part.ChecksumValue!)];
        staged.ChosenType = composite ? ChecksumType.Composite : ChecksumType.FullObject;
        staged.Chosen = composite
            ? MultipartChecksums.Composite([.. parts.Select(part => new Checksum(algorithm, part.ChecksumValue!))])
            : new Checksum(algorithm, Combine(parts, algorithm, part => part.ChecksumValue!));
    }

    static string Combine(List<UploadPart> parts, ChecksumAlgorithm algorithm, Func<UploadPart, string> valueOf) =>
        parts
            .Select(part => (Sum: new Checksum(algorithm, valueOf(part)), part.SizeBytes))
            .Aggregate((all, next) => (CrcCombination.Combine(all.Sum, next.Sum, next.SizeBytes), next.SizeBytes))
            .Sum.Value;
}
