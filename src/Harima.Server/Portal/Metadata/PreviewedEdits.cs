using System.IO.Compression;
using System.Text.Json;
using Harima.Faults;
using Harima.Metadata;

namespace Harima.Portal.Metadata;

/// <summary>What was previewed, on its way through a form: the rows of a table are too many for a field as they are.</summary>
static class PreviewedEdits
{
    const int MaxBytes = 128 << 20;

    public static string Pack<T>(T edits)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            JsonSerializer.Serialize(gzip, edits);
        return Convert.ToBase64String(packed.ToArray());
    }

    /// <exception cref="FaultException">Invalid for what was not packed here.</exception>
    public static T Unpack<T>(string text)
    {
        try
        {
            using var gzip = new GZipStream(
                new MemoryStream(Convert.FromBase64String(text)),
                CompressionMode.Decompress
            );
            // A little text can say that it is a great deal.
            var bytes = new byte[64 << 10];
            using var whole = new MemoryStream();
            for (int read; (read = gzip.Read(bytes)) > 0; )
            {
                if (whole.Length + read > MaxBytes)
                    throw new InvalidDataException("too long");
                whole.Write(bytes, 0, read);
            }
            whole.Position = 0;
            return JsonSerializer.Deserialize<T>(whole) ?? throw new JsonException("nothing");
        }
        catch (Exception broken) when (broken is FormatException or InvalidDataException or JsonException)
        {
            throw Unreadable();
        }
    }

    static FaultException Unreadable() =>
        Fault.Invalid("edits-unreadable", "The form does not hold the changes that were shown. Preview them again.");

    /// <summary>Where all have one list of edits, the same object: so that it is kept once.</summary>
    /// <exception cref="FaultException">Invalid for what was not packed here.</exception>
    public static IReadOnlyList<SequenceEdit> Shared(IReadOnlyList<SequenceEdit> edits) =>
        edits.Any(edit => edit is not { ProposalId: not null, SequenceId: not null, Edits: not null })
            ? throw Unreadable()
        : edits is [var first, .., _] && edits.All(edit => edit.Edits.SequenceEqual(first.Edits))
            ? [.. edits.Select(edit => edit with { Edits = first.Edits })]
        : edits;
}
