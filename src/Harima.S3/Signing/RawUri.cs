namespace Harima.S3.Signing;

/// <summary>Makes URIs that go on the wire as written: keys such as <c>a/../b</c> or <c>a//b</c> must arrive as they are.</summary>
public static class RawUri
{
    static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>A URI whose path and query nobody touches; they must be encoded already.</summary>
    public static Uri Create(string uri) => new(uri, in AsWritten);
}
