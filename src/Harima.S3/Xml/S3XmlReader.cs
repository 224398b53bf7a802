using System.Text;
using System.Xml;
using Harima.S3.Errors;

namespace Harima.S3.Xml;

/// <summary>
/// Reads the one shape all S3 documents have: a root, fields, and repeated rows of fields. Hardened: no DTD, no
/// entities, no resolver, bounded size, depth and number of rows.
/// </summary>
static class S3XmlReader
{
    const int MaxDepth = 8;

    /// <summary>Reads a document.</summary>
    /// <param name="stream">The body.</param>
    /// <param name="root">The root's name, in any namespace; null for any.</param>
    /// <param name="maxCharacters">How long the document may be.</param>
    /// <param name="onRow">Gets every element with children below the root: its name and its leaves by name.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <param name="rowDepth">How deep the repeated elements lie below the root.</param>
    /// <returns>The root's name and its own leaves by name.</returns>
    /// <exception cref="S3Exception">MalformedXML, or whatever <paramref name="onRow"/> throws.</exception>
    public static async Task<(string Root, Dictionary<string, string> Fields)> ReadAsync(
        Stream stream,
        string? root,
        int maxCharacters,
        Action<string, Dictionary<string, string>> onRow,
        CancellationToken cancellationToken,
        int rowDepth = 1
    )
    {
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = maxCharacters,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            // A key may hold control characters, which AWS and its clients write as references.
            CheckCharacters = false,
        };
        try
        {
            using var reader = XmlReader.Create(stream, settings);
            return await ReadAsync(reader, root, onRow, rowDepth, cancellationToken).ConfigureAwait(false);
        }
        catch (XmlException exception)
        {
            throw new S3Exception(S3Errors.MalformedXML, S3Errors.MalformedXML.Message, exception);
        }
    }

    static async Task<(string, Dictionary<string, string>)> ReadAsync(
        XmlReader reader,
        string? root,
        Action<string, Dictionary<string, string>> onRow,
        int rowDepth,
        CancellationToken cancellationToken
    )
    {
        string? rootName = null;
        var fields = new Dictionary<string, string>();
        Dictionary<string, string>? row = null;
        var leaf = "";
        var text = new StringBuilder();
        var isLeaf = false;
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (reader.Depth > MaxDepth)
                throw S3Errors.MalformedXML.Exception();
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when reader.Depth == 0:
                    rootName = reader.LocalName;
                    if (root is not null && rootName != root)
                        throw S3Errors.MalformedXML.Exception();
                    break;
                case XmlNodeType.Element:
                    if (reader.Depth > rowDepth)
                        row ??= [];
                    leaf = reader.LocalName;
                    text.Clear();
                    isLeaf = true;
                    if (reader.IsEmptyElement)
                        CloseLeaf(reader.Depth);
                    break;
                case XmlNodeType.Text
                or XmlNodeType.CDATA
                or XmlNodeType.SignificantWhitespace
                or XmlNodeType.Whitespace:
                    text.Append(await reader.GetValueAsync().ConfigureAwait(false));
                    break;
                case XmlNodeType.EndElement when isLeaf && reader.Depth > 0:
                    CloseLeaf(reader.Depth);
                    break;
                case XmlNodeType.EndElement when reader.Depth == rowDepth:
                    onRow(reader.LocalName, row ?? []);
                    row = null;
                    break;
            }
        }
        return (rootName ?? throw S3Errors.MalformedXML.Exception(), fields);

        void CloseLeaf(int depth)
        {
            if (depth == 1)
                fields[leaf] = text.ToString();
            else if (row is not null)
                row[leaf] = text.ToString();
            isLeaf = false;
        }
    }
}
