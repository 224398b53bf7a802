namespace Harima.Imaging.Formats.Hdf5;

/// <summary>
/// A plane through a dataset: one index in every dimension but two (or but one: then it has a single row), which it holds whole.
/// </summary>
/// <remarks>
/// <code>
///   shape  [frame, y, x]        at [frame, ·, ·]          rows run along Y, or there is one row where Y is −1
/// </code>
/// </remarks>
sealed record Hdf5Plane(long[] Shape, long[] MaxShape, long[] At, int Y, int X)
{
    long[] _chunk = [];

    public long Height => Y < 0 ? 1 : Shape[Y];

    public long Width => Shape[X];

    /// <summary>Elements of a chunk.</summary>
    public long ChunkElements { get; private init; }

    /// <exception cref="DamagedFileException">Chunks of this shape are none, or too large to be read.</exception>
    public Hdf5Plane Over(long[] chunk)
    {
        long elements = 1;
        foreach (var side in chunk)
        {
            if (side is <= 0 or > int.MaxValue || elements > Hdf5Objects.MaxElementsAtOnce)
                throw new DamagedFileException("HDF5", $"its chunks of {string.Join(" x ", chunk)} are too large.");
            elements *= side;
        }

        return this with
        {
            _chunk = chunk,
            ChunkElements = elements,
        };
    }

    long Index(int dimension) => At[dimension];

    bool IsWhole(int dimension) => dimension == X || dimension == Y;

    /// <summary>Whether a chunk that begins there holds some of the plane.</summary>
    public bool Crosses(long[] offset)
    {
        for (var d = 0; d < Shape.Length; d++)
            if (IsWhole(d) ? offset[d] >= Shape[d] : offset[d] > Index(d) || offset[d] + _chunk[d] <= Index(d))
                return false;
        return true;
    }

    /// <summary>Whether chunks from one offset to another, in row-major order, may hold some of the plane.</summary>
    public bool MayLieBetween(long[] first, long[] next)
    {
        for (var d = 0; d < Shape.Length && !IsWhole(d); d++)
        {
            var begins = Index(d) / _chunk[d] * _chunk[d];
            if (begins < first[d] || begins > next[d])
                return false;
            // Where both ends agree the next dimension decides.
            if (first[d] != next[d])
                return true;
        }

        return true;
    }

    /// <summary>Places, in the grid of chunks, of those that the plane crosses.</summary>
    public IEnumerable<long[]> ChunkPlaces()
    {
        var rows = Y < 0 ? 1 : (Shape[Y] + _chunk[Y] - 1) / _chunk[Y];
        var columns = (Shape[X] + _chunk[X] - 1) / _chunk[X];
        for (long row = 0; row < rows; row++)
        for (long column = 0; column < columns; column++)
        {
            var place = new long[Shape.Length];
            for (var d = 0; d < place.Length; d++)
                place[d] =
                    d == X ? column
                    : d == Y ? row
                    : Index(d) / _chunk[d];
            yield return place;
        }
    }

    public long[] OffsetOf(long[] place) => [.. place.Select((at, d) => at * _chunk[d])];

    /// <summary>The number of a chunk, row-major over the grid; of an array that can grow the dimension that grows is the slowest.</summary>
    public long IndexOf(long[] place, long[] shape, int slowest)
    {
        var index = slowest < 0 ? 0 : place[slowest];
        for (var d = 0; d < shape.Length; d++)
            if (d != slowest)
                index = checked((index * Math.Max(1, (shape[d] + _chunk[d] - 1) / _chunk[d])) + place[d]);
        return index;
    }

    /// <summary>Where in a block of those sides, beginning at that offset, the rows of the plane lie.</summary>
    public Hdf5Window WindowOf(long[] offset, long[] sides)
    {
        var strides = new long[sides.Length];
        long stride = 1;
        for (var d = sides.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= sides[d];
        }

        long first = 0;
        for (var d = 0; d < sides.Length; d++)
            if (!IsWhole(d))
                first += (Index(d) - offset[d]) * strides[d];
        var (y, x) = (Y < 0 ? 0 : offset[Y], offset[X]);
        return new Hdf5Window(
            first,
            y,
            x,
            Y < 0 ? 1 : Math.Min(sides[Y], Shape[Y] - y),
            Math.Min(sides[X], Shape[X] - x),
            Y < 0 ? 0 : strides[Y],
            strides[X]
        );
    }

    public long[] Chunk => _chunk;
}

/// <summary>A part of a plane inside a block of elements: the first element, its place in the plane, its size, and its strides in elements.</summary>
sealed record Hdf5Window(long First, long Y, long X, long Height, long Width, long StrideY, long StrideX);
