using PureHDF;
using PureHDF.Filters;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>Writes a tree as an HDF5 file. The one place that knows which library does it.</summary>
public static class Hdf5Writing
{
    /// <summary>Filters of chunked datasets: bytes of equal weight together, then deflate at the fastest level.</summary>
    static readonly List<H5Filter> Filters =
    [
        ShuffleFilter.Id,
        new H5Filter(DeflateFilter.Id, new Dictionary<string, object> { [DeflateFilter.COMPRESSION_LEVEL] = 1 }),
    ];

    /// <summary>Writes the file to a stream that can be read and sought; the stream stays open, at no particular place.</summary>
    public static void Write(Stream stream, Hdf5Group root)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(root);
        var file = new H5File();
        Copy(root, file);
        file.Write(new StreamKeptOpen(stream), new H5WriteOptions(Filters: Filters));
    }

    static void Copy(Hdf5Group source, H5Group target)
    {
        CopyAttributes(source, target);
        foreach (var (name, node) in source.Children)
            target[name] = node switch
            {
                Hdf5Group group => Child(group),
                Hdf5Dataset dataset => Dataset(dataset),
                Hdf5Link link => new H5SoftLink(link.Target),
                _ => throw new NotSupportedException(node.GetType().Name),
            };
    }

    static H5Group Child(Hdf5Group source)
    {
        var group = new H5Group();
        Copy(source, group);
        return group;
    }

    static H5Dataset Dataset(Hdf5Dataset source)
    {
        var dataset = new H5Dataset(
            source.Data,
            chunks: source.Chunk?.ToArray(),
            fileDims: source.Shape?.ToArray(),
            // An unchunked dataset must name no filter, or the library refuses it.
            datasetCreation: source.Chunk is null ? new(Filters: []) : new(Filters: Filters)
        );
        CopyAttributes(source, dataset);
        return dataset;
    }

    static void CopyAttributes(Hdf5Object source, H5Object target)
    {
        foreach (var (name, value) in source.Attributes)
            target.Attributes[name] = value;
    }
}
