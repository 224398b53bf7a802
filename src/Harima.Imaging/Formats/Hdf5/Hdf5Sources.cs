namespace Harima.Imaging.Formats.Hdf5;

/// <summary>The files beside one that is read, each opened once.</summary>
sealed class Hdf5Sources(Hdf5Objects own, Hdf5Signal.Beside beside) : IDisposable
{
    readonly Dictionary<string, Hdf5Objects?> _opened = new(StringComparer.Ordinal);
    readonly List<Stream> _streams = [];

    /// <returns>Null where the file cannot be had, or has no such dataset of its own.</returns>
    public (Hdf5Objects Objects, Hdf5Opened Dataset)? Open(string file, string dataset)
    {
        if (!_opened.TryGetValue(file, out var objects))
            _opened.Add(file, objects = OpenFile(file));
        return objects is not null && Hdf5Signal.Resolve(objects, dataset).Opened is { } found
            ? (objects, found)
            : null;
    }

    Hdf5Objects? OpenFile(string file)
    {
        if (file == ".")
            return own;
        if (beside(file) is not { } stream)
            return null;
        _streams.Add(stream);
        return new Hdf5Objects(new Hdf5Bytes(stream, Hdf5Header.BudgetBytes));
    }

    public void Dispose() => _streams.ForEach(stream => stream.Dispose());
}
