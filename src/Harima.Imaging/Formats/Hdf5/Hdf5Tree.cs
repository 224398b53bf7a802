namespace Harima.Imaging.Formats.Hdf5;

/// <summary>What a group of an HDF5 file holds under a name.</summary>
public abstract class Hdf5Node;

/// <summary>A node that carries attributes.</summary>
public abstract class Hdf5Object : Hdf5Node
{
    readonly List<KeyValuePair<string, object>> _attributes = [];

    /// <summary>Attributes in the order they were given: a string, a number, or an array of either.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Attributes => _attributes;

    internal void SetAttribute(string name, object value)
    {
        _attributes.RemoveAll(attribute => attribute.Key == name);
        _attributes.Add(new KeyValuePair<string, object>(name, value));
    }
}

/// <summary>A group; children keep their order.</summary>
public sealed class Hdf5Group : Hdf5Object
{
    readonly List<KeyValuePair<string, Hdf5Node>> _children = [];

    /// <summary>Children in the order they were added.</summary>
    public IReadOnlyList<KeyValuePair<string, Hdf5Node>> Children => _children;

    /// <summary>Adds a child and returns it.</summary>
    /// <exception cref="ArgumentException">The name is taken, empty, or holds a slash.</exception>
    public T Add<T>(string name, T child)
        where T : Hdf5Node
    {
        if (string.IsNullOrEmpty(name) || name.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"'{name}' cannot name a member of a group.", nameof(name));
        if (_children.Exists(existing => existing.Key == name))
            throw new ArgumentException($"The group already has a member '{name}'.", nameof(name));
        _children.Add(new KeyValuePair<string, Hdf5Node>(name, child));
        return child;
    }
}

/// <summary>A dataset.</summary>
/// <param name="data">A string, a string[], or a flat row-major array of a primitive type.</param>
/// <param name="shape">Dimensions, slowest first; null for a scalar.</param>
/// <param name="chunk">Chunk dimensions of a compressed dataset; null for a contiguous one.</param>
public sealed class Hdf5Dataset(object data, ulong[]? shape = null, uint[]? chunk = null) : Hdf5Object
{
    /// <summary>The values.</summary>
    public object Data { get; } = data;

    /// <summary>Dimensions, slowest first; null for a scalar.</summary>
    public IReadOnlyList<ulong>? Shape { get; } = shape;

    /// <summary>Chunk dimensions; chunks are shuffled and deflated.</summary>
    public IReadOnlyList<uint>? Chunk { get; } = chunk;
}

/// <summary>A soft link.</summary>
/// <param name="target">Absolute path in the same file.</param>
public sealed class Hdf5Link(string target) : Hdf5Node
{
    /// <summary>Absolute path in the same file.</summary>
    public string Target { get; } = target;
}

/// <summary>Attributes, fluently.</summary>
public static class Hdf5Attributes
{
    /// <summary>Sets an attribute, replacing one of the same name.</summary>
    public static T With<T>(this T node, string name, object value)
        where T : Hdf5Object
    {
        ArgumentNullException.ThrowIfNull(node);
        node.SetAttribute(name, value);
        return node;
    }
}
