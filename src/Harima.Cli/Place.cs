namespace Harima.Cli;

/// <summary>A place on the server as people write it: <c>proposal/sequence/path</c>, or <c>workspace/path</c>.</summary>
/// <param name="Root">Proposal or workspace.</param>
/// <param name="Rest">What follows the first '/'; may be empty.</param>
sealed record Place(string Root, string Rest)
{
    public string Bucket => Root.ToLowerInvariant();

    public static Place Parse(string text)
    {
        // What the portal and other tools show may be pasted as it is.
        var plain = text.StartsWith("s3://", StringComparison.OrdinalIgnoreCase) ? text["s3://".Length..] : text;
        var slash = plain.IndexOf('/', StringComparison.Ordinal);
        var place = slash < 0 ? new Place(plain, "") : new Place(plain[..slash], plain[(slash + 1)..]);
        return place.Root.Length > 0
            ? place
            : throw new UsageException(
                $"'{text}' names no proposal. Write proposal/sequence, such as 2026A1234/S0042."
            );
    }

    /// <summary>Exactly a sequence.</summary>
    public static (string Proposal, string Sequence) ParseSequence(string text)
    {
        var place = Parse(text);
        var sequence = place.Rest.TrimEnd('/');
        return sequence.Length > 0 && !sequence.Contains('/', StringComparison.Ordinal)
            ? (place.Root, sequence)
            : throw new UsageException(
                $"'{text}' names no sequence. Write proposal/sequence, such as 2026A1234/S0042."
            );
    }

    /// <summary>The first segment of the rest: the sequence, in a proposal.</summary>
    public string Sequence => Rest.Split('/')[0];

    /// <summary>What follows the sequence.</summary>
    public string Path => Rest.Length > Sequence.Length ? Rest[(Sequence.Length + 1)..] : "";
}
