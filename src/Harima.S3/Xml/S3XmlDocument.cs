using System.Xml;
using System.Xml.Linq;
using Harima.S3.Errors;

namespace Harima.S3.Xml;

/// <summary>
/// Reads a small document with nested lists as a tree, its namespaces left out. Hardened as <see cref="S3XmlReader"/>: no DTD, no
/// entities, no resolver, bounded size and depth.
/// </summary>
static class S3XmlDocument
{
    const int MaxDepth = 8;

    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static async Task<XElement> ReadAsync(
        Stream stream,
        string root,
        int maxCharacters,
        CancellationToken cancellationToken
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
        };
        try
        {
            using var reader = XmlReader.Create(stream, settings);
            return await ReadAsync(reader, root, cancellationToken).ConfigureAwait(false);
        }
        catch (XmlException exception)
        {
            throw new S3Exception(S3Errors.MalformedXML, S3Errors.MalformedXML.Message, exception);
        }
    }

    static async Task<XElement> ReadAsync(XmlReader reader, string root, CancellationToken cancellationToken)
    {
        XElement? top = null;
        XElement? now = null;
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (reader.Depth > MaxDepth)
                        throw S3Errors.MalformedXML.Exception();
                    var element = new XElement(reader.LocalName);
                    // The one attribute S3 documents have: xsi:type of a grantee.
                    if (reader.GetAttribute("type", "http://www.w3.org/2001/XMLSchema-instance") is { } type)
                        element.SetAttributeValue("type", type);
                    if (top is null)
                        top = element;
                    else
                        now!.Add(element);
                    if (!reader.IsEmptyElement)
                        now = element;
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    now?.Add(new XText(await reader.GetValueAsync().ConfigureAwait(false)));
                    break;
                case XmlNodeType.EndElement:
                    now = now!.Parent;
                    break;
            }
        }
        return top is not null && top.Name == root ? top : throw S3Errors.MalformedXML.Exception();
    }
}
