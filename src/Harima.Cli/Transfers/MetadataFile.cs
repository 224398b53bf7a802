using System.Net.Http.Headers;
using Harima.Rest;

namespace Harima.Cli.Transfers;

/// <summary>A local metadata document, read whole and found good by the server before the first data file is sent.</summary>
sealed class MetadataFile(string kind, byte[] text)
{
    const int MostErrorsSaid = 5;

    /// <returns>Null where no file was named.</returns>
    /// <exception cref="MetadataException">The server would not store it; nothing was sent.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<MetadataFile?> ReadAsync(
        HarimaClient rest,
        string kind,
        string? fileName,
        CancellationToken cancellationToken
    )
    {
        if (fileName is null)
            return null;
        // Bytes, not text: what is no UTF-8 must be refused, not mended without a word.
        var text = await File.ReadAllBytesAsync(fileName, cancellationToken);
        MetadataCheckDto answer;
        try
        {
            answer = await rest.CheckMetadataAsync(BodyOf(text), cancellationToken);
        }
        catch (RefusedException refused) when (refused.Problem.Status is 400 or 413)
        {
            throw new MetadataException($"{fileName}: {refused.Message} Nothing was sent.");
        }
        if (answer.Valid)
            return new MetadataFile(kind, text);
        var said = answer
            .Errors.Take(MostErrorsSaid)
            .Select(error => FormattableString.Invariant($"{fileName}:{error.Line}:{error.Column}: {error.Message} "));
        var more = answer.Errors.Count - MostErrorsSaid;
        throw new MetadataException(
            string.Concat(said)
                + (more > 0 ? FormattableString.Invariant($"And {more} more. ") : "")
                + "Nothing was sent."
        );
    }

    public Task StoreAsync(HarimaClient rest, Place place, CancellationToken cancellationToken) =>
        rest.PutMetadataAsync(place.Root, place.Sequence, kind, BodyOf(text), cancellationToken);

    static ByteArrayContent BodyOf(byte[] text) =>
        new(text) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}

/// <summary>A metadata file that the server would not take.</summary>
sealed class MetadataException(string message) : Exception(message)
{
    /// <summary>As the server calls it.</summary>
    public const string Reason = "metadata-invalid";
}
