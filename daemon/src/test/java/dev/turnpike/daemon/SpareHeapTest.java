package dev.turnpike.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SpareHeapTest {
  private static final long MIB = 1 << 20;

  /** A heap whose collections free half of what is used and leave a quarter of that as room. */
  private static final class HalfDead implements SpareHeap.Heap {
    long used = 4 * MIB;
    long committed = 8 * MIB;
    int collections;
    boolean collected;

    @Override
    public long usedBytes() {
      return used;
    }

    @Override
    public long committedBytes() {
      return committed;
    }

    @Override
    public void collect() {
      collections++;
      used /= 2;
      committed = Math.max(8 * MIB, used * 5 / 4);
      collected = true;
    }

    @Override
    public boolean wasCollected() {
      boolean was = collected;
      collected = false;
      return was;
    }
  }

  private final HalfDead heap = new HalfDead();
  private final SpareHeap spare = new SpareHeap(heap);

  @Test
  void aHeapThatHasNotGrownIsLeftAlone() {
    for (int i = 0; i < 10; i++) {
      spare.look();
    }
    assertEquals(0, heap.collections);
  }

  @Test
  void nothingIsCollectedWhileWorkGoesOn() {
    heap.committed = 40 * MIB;
    for (int i = 0; i < 10; i++) {
      heap.used += (i % 3 == 2 ? -3 : 2) * SpareHeap.QUIET_BYTES;
      spare.look();
    }
    assertEquals(0, heap.collections);
  }

  /** Under load the JVM's own collections leave, by chance, what was used before. */
  @Test
  void asMuchAsBeforeIsNoRestIfThereWasACollectionBetween() {
    heap.committed = 40 * MIB;
    for (int i = 0; i < 10; i++) {
      heap.collected = true;
      spare.look();
    }
    assertEquals(0, heap.collections);
  }

  @Test
  void ofItsOwnHeapItSeesACollection() {
    var own = SpareHeap.Heap.own();
    own.wasCollected();
    own.collect();
    assertTrue(own.wasCollected());
  }

  @Test
  void whatABurstLeftIsCollectedOnceWhenItIsOver() {
    heap.used = 30 * MIB;
    heap.committed = 40 * MIB;
    spare.look();
    assertEquals(0, heap.collections, "something was allocated just now");
    spare.look();
    assertEquals(1, heap.collections);
    assertEquals(15 * MIB * 5 / 4, heap.committed);
    for (int i = 0; i < 10; i++) {
      spare.look();
    }
    assertEquals(1, heap.collections, "what is alive stays, and is not collected again");
  }

  @Test
  void theNextBurstIsCollectedToo() {
    heap.used = 30 * MIB;
    heap.committed = 40 * MIB;
    spare.look();
    spare.look();
    heap.used = 36 * MIB;
    heap.committed = 38 * MIB;
    spare.look();
    spare.look();
    assertEquals(2, heap.collections);
  }
}
