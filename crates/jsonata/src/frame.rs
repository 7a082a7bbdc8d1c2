//! Where variables live while an expression runs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::error::Result;
use crate::item::Item;
use crate::meter::{Charge, Meter};
use crate::program::Place;

/// The variables of a block, a function's call, or an item of a path.
pub(crate) struct Frame<'a> {
    parent: Option<Rc<Frame<'a>>>,
    variables: RefCell<Variables<'a>>,
    /// A function holds on to it, so it lives until the evaluation ends.
    pub(crate) captured: Cell<bool>,
    _charge: Charge,
}

enum Variables<'a> {
    /// `None` is not bound; bound to nothing is something else.
    Slots(Vec<Option<Item<'a>>>),
    Bindings(Bindings<'a>),
}

/// What goes with an item of a path: few, so finding one is a scan.
pub(crate) type Bindings<'a> = Vec<(u32, Item<'a>)>;

/// A frame's own fields and what an allocator adds.
const FRAME_BYTES: usize = 128;

impl<'a> Frame<'a> {
    pub(crate) fn new(
        meter: &Rc<Meter>,
        parent: Option<&Rc<Frame<'a>>>,
        slots: usize,
    ) -> Result<Rc<Frame<'a>>> {
        let charge = Charge::new(meter, FRAME_BYTES + slots * std::mem::size_of::<Item<'_>>())?;
        Ok(Rc::new(Frame {
            parent: parent.cloned(),
            variables: RefCell::new(Variables::Slots(vec![None; slots])),
            captured: Cell::new(false),
            _charge: charge,
        }))
    }

    pub(crate) fn of_bindings(
        meter: &Rc<Meter>,
        parent: &Rc<Frame<'a>>,
        bindings: Bindings<'a>,
    ) -> Result<Rc<Frame<'a>>> {
        let charge = Charge::new(meter, FRAME_BYTES + bindings.len() * 32)?;
        Ok(Rc::new(Frame {
            parent: Some(parent.clone()),
            variables: RefCell::new(Variables::Bindings(bindings)),
            captured: Cell::new(false),
            _charge: charge,
        }))
    }

    pub(crate) fn parent(&self) -> Option<&Rc<Frame<'a>>> {
        self.parent.as_ref()
    }

    /// The frame so many levels out.
    #[inline]
    pub(crate) fn out(&self, depth: u16) -> Option<&Frame<'a>> {
        let mut frame = self;
        for _ in 0..depth {
            frame = frame.parent.as_deref()?;
        }
        Some(frame)
    }

    #[inline]
    pub(crate) fn get(&self, place: Place) -> Option<Item<'a>> {
        match (&*self.variables.borrow(), place) {
            (Variables::Slots(slots), Place::Slot(slot)) => slots.get(slot as usize).cloned().flatten(),
            (Variables::Bindings(bindings), Place::Binding(number)) => {
                bindings.iter().find(|(known, _)| *known == number).map(|(_, item)| item.clone())
            }
            _ => None,
        }
    }

    pub(crate) fn set(&self, place: Place, item: Item<'a>) {
        // What was there is dropped after the borrow ends: it may be much.
        let _old = match (&mut *self.variables.borrow_mut(), place) {
            (Variables::Slots(slots), Place::Slot(slot)) => {
                slots.get_mut(slot as usize).and_then(|old| old.replace(item))
            }
            (Variables::Bindings(bindings), Place::Binding(number)) => {
                match bindings.iter_mut().find(|(known, _)| *known == number) {
                    Some((_, old)) => Some(std::mem::replace(old, item)),
                    None => {
                        bindings.push((number, item));
                        None
                    }
                }
            }
            _ => None,
        };
    }

    /// Binds the first slots to `arguments` and unbinds all others.
    pub(crate) fn restart(&self, arguments: impl Iterator<Item = Item<'a>>, parameters: usize) {
        if let Variables::Slots(slots) = &mut *self.variables.borrow_mut() {
            let mut arguments = arguments;
            for (index, slot) in slots.iter_mut().enumerate() {
                *slot = if index < parameters { Some(arguments.next().unwrap_or_default()) } else { None };
            }
        }
    }

    /// Takes all variables out, so that functions among them no longer hold on to the frame.
    pub(crate) fn clear(&self) {
        let variables = std::mem::replace(&mut *self.variables.borrow_mut(), Variables::Bindings(Vec::new()));
        drop(variables);
    }
}
